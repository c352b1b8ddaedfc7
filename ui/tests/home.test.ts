import { screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { busyView, freshView } from "../src/lib/samples";
import { activityWords, noticeWords } from "../src/lib/words";
import { expectNoViolations, settle, show } from "./show";

test("a fresh peer says that it rests, why nothing happens, and what can be done", async () => {
  const { page } = await show(freshView(), "#/home");
  expect(screen.getByRole("switch", { name: "Rent out this machine" }).getAttribute("aria-checked")).toBe("false");
  expect(screen.getByTestId("sentence").textContent).toContain("all yours");
  expect(screen.getByText("No other machine connected")).toBeTruthy();
  expect(screen.getByText("Nobody else")).toBeTruthy();
  await expectNoViolations(page.container);
});

test("a working peer shows the peer's own sentence, its jobs and what happened", async () => {
  const { page } = await show(busyView(), "#/home");
  expect(screen.getByTestId("sentence").textContent).toBe(activityWords("rendering").sentence);
  expect(screen.getByRole("progressbar", { name: "Progress of two-spheres.glb" }).getAttribute("aria-valuenow")).toBe("18");
  expect(screen.getAllByRole("listitem").some((item) => item.textContent?.includes("Warning: Update needed here"))).toBe(true);
  await expectNoViolations(page.container);
});

test("the switch sends the wish and shows what the peer answers", async () => {
  const { backend, user } = await show(freshView(), "#/home");
  await user.click(screen.getByRole("switch"));
  expect(backend.commands).toEqual([{ command: "rent_out", on: true }]);
  expect(screen.getByRole("switch").getAttribute("aria-checked")).toBe("true");
});

test("a refused switch stays off and says why", async () => {
  const { backend, page, user } = await show(freshView(), "#/home");
  backend.refusal = { message: "The graphics card is gone.", details: ["Start again when it is back."] };
  await user.click(screen.getByRole("switch"));
  expect(screen.getByRole("switch").getAttribute("aria-checked")).toBe("false");
  expect(screen.getByRole("alert").textContent).toContain("Start again when it is back.");
  await expectNoViolations(page.container);
});

test("more than six notices are folded until they are asked for", async () => {
  const view = freshView();
  view.notices = Array.from({ length: 9 }, (_, index) => ({ at_unix_ms: index, level: "error", code: "disk_waits", about: null, why: `line ${index}`, times: 1 }));
  const { user } = await show(view, "#/home");
  expect(screen.queryByText(/line 8/)).toBeNull();
  await user.click(screen.getByRole("button", { name: "Show all 9" }));
  await settle();
  expect(screen.getByText(/line 8/)).toBeTruthy();
});

test("a notice is told in words, with names shortened and repetitions counted", async () => {
  const line = { at_unix_ms: 0, level: "warning", times: 3 } as const;
  expect(noticeWords({ ...line, code: "bad_block", about: "ab12cd34".repeat(8), why: "bad signature" })).toBe(
    "ab12cd34… sent a block that is not good: bad signature. (3 times)",
  );
  // What a newer peer may say.
  expect(noticeWords({ ...line, times: 1, code: "not_known_yet" as never, about: "x", why: null })).toBe("not known yet: x");
});
