import { clearMocks, mockIPC, mockWindows } from "@tauri-apps/api/mocks";
import { afterEach, expect, test } from "vitest";
import type { View } from "../src/bindings/View";
import { asCommandError } from "../src/lib/backend";
import { TauriBackend } from "../src/lib/backend.tauri";
import { busyView, freshView } from "../src/lib/samples";

afterEach(clearMocks);

/** Answers `view_stream` and returns a way to send through the channel that the page opened. */
function streamOf(): { send: (index: number, view: View) => void } {
  let channel = 0;
  mockIPC((command, payload) => {
    if (command === "view_stream") channel = Number(/\d+$/.exec(JSON.stringify((payload as { views: unknown }).views).replaceAll('"', ""))?.[0]);
  });
  const internals = () => (window as unknown as { __TAURI_INTERNALS__: { runCallback(id: number, message: unknown): void } }).__TAURI_INTERNALS__;
  return { send: (index, message) => internals().runCallback(channel, { index, message }) };
}

test("views come through one channel, in order, until the page stops listening", async () => {
  const { send } = streamOf();
  const seen: number[] = [];
  const stop = await new TauriBackend().watch((view) => seen.push(view.ring.height));
  send(1, busyView());
  send(0, freshView());
  expect(seen).toEqual([0, 1284]);
  stop();
  send(2, busyView());
  expect(seen).toHaveLength(2);
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
