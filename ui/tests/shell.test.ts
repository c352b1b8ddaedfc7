import { screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { busyView, freshView } from "../src/lib/samples";
import { expectNoViolations, settle, show } from "./show";

test("a peer that is still starting says so", async () => {
  const { page } = await show(null);
  expect(screen.getByRole("heading", { name: "Starting" })).toBeTruthy();
  await expectNoViolations(page.container);
});

test("a peer that could not start says why and how to mend it", async () => {
  const { page } = await show({ message: "Another Raylance uses this folder.", details: ["Close it first."] });
  expect(screen.getByRole("alert").textContent).toContain("Close it first.");
  await expectNoViolations(page.container);
});

test("each screen is one link away, and its title gets the focus", async () => {
  const { user } = await show(busyView(), "#/home");
  for (const [link, title] of [["Render", "Render a scene"], ["Jobs", "Jobs"], ["Wallet", "Wallet"], ["Network", "Network"]] as const) {
    await user.click(screen.getByRole("link", { name: link === "Jobs" ? /^Jobs/ : link }));
    await settle();
    expect(document.activeElement?.textContent).toBe(title);
    expect(document.querySelectorAll("h1")).toHaveLength(1);
  }
});

test("an unknown address shows home", async () => {
  await show(freshView(), "#/nowhere");
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Home");
});

test("colours go from the system's to light to dark and stay chosen", async () => {
  localStorage.clear();
  const { user } = await show(freshView());
  expect(document.documentElement.dataset.theme).toBe("light");
  await user.click(screen.getByRole("button", { name: /^Colours: system/ }));
  await user.click(screen.getByRole("button", { name: /^Colours: light/ }));
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(localStorage.getItem("raylance.theme")).toBe("dark");
  localStorage.clear();
});
