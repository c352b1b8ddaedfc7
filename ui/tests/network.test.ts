import { screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { busyView, freshView } from "../src/lib/samples";
import { expectNoViolations, show } from "./show";

test("alone, the next step is said", async () => {
  const { page } = await show(freshView(), "#/network");
  expect(screen.getByRole("heading", { name: "Only this machine so far" })).toBeTruthy();
  expect(screen.getByTestId("peer-count").textContent).toBe("0 machines connected");
  await expectNoViolations(page.container);
});

test("peers are listed with their delay, measured or not", async () => {
  const { page } = await show(busyView(), "#/network");
  expect(screen.getByTestId("peers").querySelectorAll("tbody tr")).toHaveLength(2);
  expect(screen.getByText("Below 1 ms")).toBeTruthy();
  expect(screen.getByText("Not measured yet")).toBeTruthy();
  expect(screen.getByTestId("strangers").textContent).toContain("another ring");
  expect(screen.getByTestId("strangers").textContent).toContain("Export the ring");
  await expectNoViolations(page.container);
});
