import { expect, test } from "vitest";
import { count, duration, fileName, plural, shortId } from "../src/lib/format";

test.each([
  [0, "0 s"],
  [-5, "0 s"],
  [59_400, "59 s"],
  [60_000, "1 min"],
  [83_000, "1 min 23 s"],
  [3_600_000, "1 h"],
  [7_500_000, "2 h 5 min"],
])("%i ms are %s", (ms, text) => expect(duration(ms)).toBe(text));

test("numbers are short and grouped", () => {
  expect([count(0), count(12_300), count(41_800_000), count(2_000_000_000)]).toEqual(["0", "12,300", "41.8 million", "2 billion"]);
  expect([plural(1, "unit"), plural(2, "unit")]).toEqual(["1 unit", "2 units"]);
});

test("a system whose language is called C still gets numbers", () => {
  const language = Object.getOwnPropertyDescriptor(Navigator.prototype, "language");
  Object.defineProperty(navigator, "language", { value: "C", configurable: true });
  expect(count(12_300)).toBe("12,300");
  if (language) Reflect.deleteProperty(navigator, "language");
});

test("ids are shortened and paths of any system end in a name", () => {
  expect(shortId("0123456789abcdef")).toBe("012345…cdef");
  expect(shortId("short")).toBe("short");
  expect([fileName("/a/b.glb"), fileName("C:\\a\\b.glb"), fileName("")]).toEqual(["b.glb", "b.glb", ""]);
});
