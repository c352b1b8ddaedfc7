import { screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { busyView, freshView } from "../src/lib/samples";
import { expectNoViolations, show } from "./show";

test("before the first block nothing claims to be verified", async () => {
  const { page } = await show(freshView(), "#/wallet");
  expect(screen.queryByTestId("verified")).toBeNull();
  expect(screen.getByRole("heading", { name: "No movements yet" })).toBeTruthy();
  await expectNoViolations(page.container);
});

test("a balance names the block at which it was verified, and each movement its block", async () => {
  const { page } = await show(busyView(), "#/wallet");
  expect(screen.getByTestId("balance").textContent).toBe("998.731000 lux");
  expect(screen.getByTestId("verified").textContent).toContain("Verified at block 1284");
  expect(screen.getByTestId("movements").querySelectorAll("tbody tr")).toHaveLength(5);
  await expectNoViolations(page.container);
});

test("a count that differs from the ledger is an alarm", async () => {
  const view = busyView();
  const { page } = await show({ ...view, wallet: { ...view.wallet, agrees: false } }, "#/wallet");
  expect(screen.getByRole("alert").textContent).toContain("differ");
  await expectNoViolations(page.container);
});
