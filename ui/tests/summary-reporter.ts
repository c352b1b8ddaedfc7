// Vitest prints no line that a build can read; this is the last one.

import type { Reporter, TestModule } from "vitest/node";

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>): void {
    let passed = 0;
    let failed = errors.length;
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        if (test.result().state === "passed") passed += 1;
        else if (test.result().state === "failed") failed += 1;
      }
      if (module.errors().length) failed += 1;
    }
    process.once("exit", () => console.log(`${passed} passed, ${failed} failed`));
  }
}
