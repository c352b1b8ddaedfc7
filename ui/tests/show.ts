// Shows the whole application on a fake backend, and asks axe about it.

import { render } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { tick } from "svelte";
import { expect } from "vitest";
import type { CommandError } from "../src/bindings/CommandError";
import App from "../src/App.svelte";
import { FakeBackend } from "../src/lib/backend.fake";
import type { View } from "../src/lib/view";

export async function show(start: View | CommandError | null, hash = "") {
  window.location.hash = hash;
  const backend = new FakeBackend(start);
  const page = render(App, { backend });
  await settle();
  return { backend, page, user: userEvent.setup() };
}

/** Lets promises and effects run. */
export async function settle(): Promise<void> {
  await new Promise((done) => setTimeout(done, 0));
  await tick();
}

/** jsdom paints nothing, so contrast is checked in the real window only. */
export async function expectNoViolations(container: Element): Promise<void> {
  const result = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
  expect(result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}
