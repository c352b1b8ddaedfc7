import { screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { freshView, busyView } from "../src/lib/samples";
import { emptyForm, toRequest } from "../src/features/render/request";
import { expectNoViolations, settle, show } from "./show";

test("an empty form names the missing field and sends nothing", async () => {
  const { backend, page, user } = await show(freshView(), "#/render");
  expect(screen.getByText(/This machine renders it, at no cost/)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Render" }));
  expect(screen.getByRole("alert").textContent).toContain("“Scene file” is still empty.");
  expect(backend.commands).toEqual([]);
  await expectNoViolations(page.container);
});

test("a dropped scene is taken, another file is explained", async () => {
  const { backend, page } = await show(busyView(), "#/render");
  backend.drag({ kind: "over" });
  await settle();
  expect(screen.getByText("Let it go")).toBeTruthy();
  backend.drag({ kind: "drop", paths: ["/home/ada/notes.txt"] });
  await settle();
  expect(screen.getByText(/“notes.txt” is not a scene/)).toBeTruthy();
  backend.drag({ kind: "drop", paths: ["/home/ada/notes.txt", "C:\\scenes\\Clock.GLB"] });
  await settle();
  expect(screen.getByTestId("scene-name").textContent).toBe("Clock.GLB");
  await expectNoViolations(page.container);
});

test("a chosen scene with its settings becomes one command, and its job is shown", async () => {
  const { backend, user } = await show(busyView(), "#/render");
  backend.chosen = "/home/ada/clock.glb";
  await user.click(screen.getByRole("button", { name: "Choose a file…" }));
  await user.click(screen.getByRole("button", { name: /^Standard/ }));
  await user.clear(screen.getByLabelText("Samples"));
  await user.type(screen.getByLabelText("Samples"), "64");
  await user.click(screen.getByRole("button", { name: "Render" }));
  await settle();
  expect(backend.commands).toEqual([
    {
      command: "submit",
      scene: "/home/ada/clock.glb",
      env: null,
      env_strength: null,
      camera: null,
      look: null,
      width_px: 1280,
      height_px: 720,
      samples: 64,
      depth_max: 8,
      out_dir: null,
      key: expect.stringMatching(/^[0-9a-f]{32}$/),
    },
  ]);
  expect(window.location.hash).toBe(`#/jobs/${"f".repeat(64)}`);
});

test("a broken scene is refused line by line, and the form is kept", async () => {
  const { backend, page, user } = await show(busyView(), "#/render");
  backend.refusal = { message: "The scene cannot be rendered.", details: ["texture wood.png is missing", "there is no light"] };
  await user.type(screen.getByLabelText("Scene file"), "/tmp/a.glb");
  await user.click(screen.getByRole("button", { name: "Render" }));
  expect(screen.getByRole("alert").querySelectorAll("li")).toHaveLength(2);
  expect((screen.getByLabelText("Scene file") as HTMLInputElement).value).toBe("/tmp/a.glb");
  await expectNoViolations(page.container);
});

test("remarks on a taken scene are shown with a link to its job", async () => {
  const { backend, user } = await show(busyView(), "#/render");
  backend.warnings = ["one material uses an unknown extension"];
  await user.type(screen.getByLabelText("Scene file"), "/tmp/a.glb");
  await user.click(screen.getByRole("button", { name: "Render" }));
  expect(screen.getByText("one material uses an unknown extension")).toBeTruthy();
  expect(screen.getByRole("link", { name: "See the job" }).getAttribute("href")).toBe(`#/jobs/${"f".repeat(64)}`);
});

test("a camera by hand replaces the scene's", () => {
  const made = toRequest({ ...emptyForm(), scene: " a.glb ", byHand: true, camera: "Front", from: [0, 1, 2], at: [3, 4, 5], fov_y_deg: 39.3 }, "a");
  expect(made).toMatchObject({ request: { scene: "a.glb", camera: null, look: { from: [0, 1, 2], at: [3, 4, 5], fov_y_deg: 39.3 } } });
  expect(toRequest({ ...emptyForm(), scene: "a.glb", byHand: true, fov_y_deg: null }, "a")).toEqual({ missing: "Camera" });
  expect(toRequest({ ...emptyForm(), scene: "a.glb", depth_max: null }, "a")).toEqual({ missing: "Depth" });
});
