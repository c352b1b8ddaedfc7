// One build for the window and for a plain browser; a browser gets the fake backend.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  server: { port: 1420, strictPort: true },
  build: {
    // The oldest web view that is supported: Debian's WebKitGTK and WebView2.
    target: ["es2022", "safari16"],
    sourcemap: false,
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.ts"],
    // Nothing is measured: a crowded machine may take its time.
    testTimeout: 120_000,
    setupFiles: ["tests/setup.ts"],
    reporters: ["default", "./tests/summary-reporter.ts"],
  },
});
