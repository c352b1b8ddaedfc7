// `npm run e2e`: the real window on a screen that nobody sees. Own process group, bounded time, everything in a log file.

import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Only against hanging for ever: a whole run takes seconds on an idle machine and many minutes on a crowded one. */
const LIMIT_S = Number(process.env.RAYLANCE_E2E_LIMIT_S ?? 1_800);
const GRACE_MS = 5_000;

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const release = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "release");
const out = join(root, "target", "e2e");
const window = resolve(process.env.RAYLANCE_DESKTOP ?? join(release, "raylance-desktop"));
const peer = resolve(process.env.RAYLANCE_PEER ?? join(release, "raylance"));

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const [binary, how] of [
  [window, "cargo build --release -p raylance-desktop --features custom-protocol"],
  [peer, "cargo build --release -p raylance-cli"],
]) {
  if (!existsSync(binary)) end(`${binary} is missing; make it with: ${how}`);
}

const log = createWriteStream(join(out, "e2e.log"));
/** As large as the window, so that a picture of the screen is one of the window. */
const screen = ["-a", "-s", "-screen 0 1240x860x24"];
const child = spawn("dbus-run-session", ["--", "xvfb-run", ...screen, process.execPath, join(here, "window.mjs")], {
  detached: true,
  stdio: ["ignore", "pipe", "pipe"],
  // Some systems call their language "C", which `Intl` refuses.
  env: { ...process.env, LANG: "en_US.UTF-8", RAYLANCE_DESKTOP: window, RAYLANCE_PEER: peer, RAYLANCE_E2E_OUT: out, RAYLANCE_E2E_ROOT: root },
});

let last = "";
child.stdout.on("data", (bytes) => {
  process.stdout.write(bytes);
  log.write(bytes);
  last = (last + bytes).slice(-200);
});
child.stderr.on("data", (bytes) => log.write(bytes));

const limit = setTimeout(() => {
  console.error(`stopped after ${LIMIT_S} s`);
  endGroup();
}, LIMIT_S * 1000);

child.on("exit", (code) => {
  clearTimeout(limit);
  endGroup();
  if (!/\d+ passed, \d+ failed\s*$/.test(last)) end(`the window test ended early; see ${join(out, "e2e.log")}`);
  process.exitCode = code === 0 ? 0 : 1;
});

/** Ends whatever the test has left behind: its process group and nothing else. */
function endGroup() {
  for (const [signal, delay] of [["SIGTERM", 0], ["SIGKILL", GRACE_MS]]) {
    setTimeout(() => {
      try {
        process.kill(-child.pid, signal);
      } catch {
        // Nobody is left.
      }
    }, delay).unref();
  }
}

function end(why) {
  console.error(why);
  console.log("0 passed, 1 failed");
  process.exit(1);
}
