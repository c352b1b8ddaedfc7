import { fireEvent, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { mapUnits } from "../src/features/jobs/unitMap";
import { busyView, finishedJob, freshView, runningJob, stoppedJob, stuckJob } from "../src/lib/samples";
import { expectNoViolations, settle, show } from "./show";

test("without jobs the way to the first one is shown", async () => {
  const { page } = await show(freshView(), "#/jobs");
  expect(screen.getByRole("heading", { name: "No jobs yet" })).toBeTruthy();
  expect(screen.getByRole("link", { name: "Render a scene" }).getAttribute("href")).toBe("#/render");
  await expectNoViolations(page.container);
});

test("a running job shows progress, money and who draws what", async () => {
  const { backend, page } = await show(busyView(), "#/jobs");
  expect(backend.lookedAt).toBe(runningJob().id);
  expect(screen.getByText("18 of 40")).toBeTruthy();
  expect(screen.getByText("This machine and 2 others render it; 18 of 40 units are there.")).toBeTruthy();
  expect(screen.getByText("This machine")).toBeTruthy();
  await expectNoViolations(page.container);
});

test("the next revision of a picture is asked for only after the last one came", async () => {
  const { backend } = await show({ ...busyView(), jobs: [runningJob()] }, "#/jobs");
  const image = screen.getByRole("img", { name: /^Picture of/, hidden: true });
  const first = image.getAttribute("src");
  backend.change((view) => ({ ...view, jobs: [{ ...runningJob(), picture_revision: 9 }] }));
  await settle();
  expect(image.getAttribute("src")).toBe(first);
  await fireEvent.load(image);
  await settle();
  expect(image.getAttribute("src")).toBe(backend.pictureUrl(runningJob().id, 9));
});

test("a picture that fails to load is explained and tried again with the next revision", async () => {
  const { backend } = await show({ ...busyView(), jobs: [runningJob()] }, "#/jobs");
  const image = screen.getByRole("img", { name: /^Picture of/, hidden: true });
  await fireEvent.error(image);
  expect(screen.getByText(/could not be loaded yet/)).toBeTruthy();
  backend.change((view) => ({ ...view, jobs: [{ ...runningJob(), picture_revision: 7 }] }));
  await settle();
  expect(image.getAttribute("src")).toBe(backend.pictureUrl(runningJob().id, 7));
});

test("a finished job lists its files, a stopped one says what is there", async () => {
  const { page } = await show({ ...busyView(), jobs: [finishedJob(), stoppedJob()] }, "#/jobs");
  expect(screen.getByTestId("files").querySelectorAll("li")).toHaveLength(3);
  expect(screen.queryByRole("button", { name: "Stop…" })).toBeNull();
  await expectNoViolations(page.container);
  window.location.hash = `#/jobs/${stoppedJob().id}`;
  await settle();
  expect(screen.getByText("Stopped: 18 of 40 units are in the picture.")).toBeTruthy();
  await expectNoViolations(page.container);
});

test("a folder that takes nothing is a question, and another one is the answer", async () => {
  const { backend, page, user } = await show({ ...busyView(), jobs: [stuckJob()] }, "#/jobs");
  expect(screen.getByRole("alert").textContent).toContain("the disk is full");
  await expectNoViolations(page.container);
  backend.chosen = "/media/ada/large";
  await user.click(screen.getByRole("button", { name: "Choose another folder…" }));
  expect(backend.commands).toEqual([{ command: "folder", job: stuckJob().id, folder: "/media/ada/large" }]);
});

test("a job is stopped only after a second click", async () => {
  const { backend, user } = await show(busyView(), "#/jobs");
  await user.click(screen.getByRole("button", { name: "Stop…" }));
  expect(backend.commands).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Stop the job" }));
  expect(backend.commands).toEqual([{ command: "cancel", job: runningJob().id }]);
});

test("a job that is not listed yet is no error", async () => {
  await show(freshView(), `#/jobs/${"f".repeat(64)}`);
  expect(screen.getByText(/not listed yet/)).toBeTruthy();
});

test("units become one shape per machine and step, however many there are", () => {
  const by = Array.from({ length: 65_536 }, (_, index) => (index % 3 ? 0 : 1));
  const map = mapUnits({ job: "j", states: "sc".repeat(32_768), workers: ["a", "b"], by }, 1920, 1080);
  expect(map.shapes).toHaveLength(4);
  expect(map.columns * map.rows).toBeGreaterThanOrEqual(65_536);
  expect(map.workers.reduce((sum, { units }) => sum + units, 0)).toBe(65_536);
  expect(mapUnits({ job: "", states: "", workers: [], by: [] }, 0, 0)).toEqual({ columns: 1, rows: 0, shapes: [], workers: [] });
  expect(mapUnits({ job: "j", states: ".", workers: [], by: [0] }, 1, 1).shapes).toEqual([]);
});
