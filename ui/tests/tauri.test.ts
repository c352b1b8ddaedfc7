import { clearMocks, mockIPC, mockWindows } from "@tauri-apps/api/mocks";
import { afterEach, expect, test } from "vitest";
import type { Update } from "../src/bindings/Update";
import { asCommandError } from "../src/lib/backend";
import { TauriBackend } from "../src/lib/backend.tauri";
import { busyView, freshView } from "../src/lib/samples";
import { NOTHING_YET, asUpdates, whole, withUpdate } from "../src/lib/view";

afterEach(clearMocks);

/** Answers `follow` and returns a way to send through the channel that the page opened. */
function streamOf(): { send: (index: number, update: Update) => void } {
  let channel = 0;
  mockIPC((command, payload) => {
    if (command === "follow") channel = Number(/\d+$/.exec(JSON.stringify((payload as { updates: unknown }).updates).replaceAll('"', ""))?.[0]);
  });
  const internals = () => (window as unknown as { __TAURI_INTERNALS__: { runCallback(id: number, message: unknown): void } }).__TAURI_INTERNALS__;
  return { send: (index, message) => internals().runCallback(channel, { index, message }) };
}

test("updates come through one channel, in order, until the page stops listening", async () => {
  const { send } = streamOf();
  const seen: number[] = [];
  const stop = await new TauriBackend().watch((update) => seen.push(update.revision));
  const update = (revision: number): Update => ({ revision, now: { topic: "wallet", state: freshView().wallet } });
  send(1, update(2));
  send(0, update(1));
  expect(seen).toEqual([1, 2]);
  stop();
  send(2, update(3));
  expect(seen).toHaveLength(2);
});

test("a window shows itself when each topic was told once, and keeps the newest of each", () => {
  const updates = asUpdates(busyView());
  let parts = NOTHING_YET;
  for (const update of updates.slice(1)) parts = withUpdate(parts, update);
  expect(whole(parts)).toBeNull();
  parts = withUpdate(parts, updates[0] as Update);
  expect(whole(parts)).toEqual(busyView());
  parts = withUpdate(parts, { revision: 9, now: { topic: "wallet", state: freshView().wallet } });
  expect(whole(parts)).toEqual({ ...busyView(), wallet: freshView().wallet });
  expect(withUpdate(parts, { revision: 10, now: { topic: "weather", state: 1 } } as unknown as Update)).toBe(parts);
});

test("a command travels as it is, and a refusal comes back as it is", async () => {
  const sent: unknown[] = [];
  mockIPC((command, payload) => {
    sent.push([command, payload]);
    return Promise.reject({ message: "no", details: ["why"] });
  });
  const thrown = await new TauriBackend().command({ command: "rent_out", on: true }).catch((error: unknown) => error);
  expect(sent).toEqual([["command", { command: { command: "rent_out", on: true } }]]);
  expect(asCommandError(thrown)).toEqual({ message: "no", details: ["why"] });
  expect(asCommandError(new Error("broken pipe"))).toEqual({ message: "broken pipe", details: [] });
});

test("a picture's address carries job and revision, and nothing but a job's id gets in", () => {
  mockIPC(() => null);
  mockWindows("main");
  (window as unknown as { __TAURI_INTERNALS__: { convertFileSrc(path: string, scheme: string): string } }).__TAURI_INTERNALS__.convertFileSrc = (path, scheme) =>
    `${scheme}://localhost/${encodeURIComponent(path)}`;
  const backend = new TauriBackend();
  expect(backend.pictureUrl("ab".repeat(32), 7)).toBe(`tile://localhost/${"ab".repeat(32)}?r=7`);
  expect(() => backend.pictureUrl("../secret", 7)).toThrow("hexadecimal");
});
