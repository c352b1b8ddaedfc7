// The story of one person in the real window, from an empty folder: start, render alone, watch, see another machine, rent out, send money.
// Started by run.mjs, which gives a screen, a log and an end.

import axe from "axe-core";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Builder, By, Capabilities, error, until } from "selenium-webdriver";

/** Patience for one thing to show. Generous: a crowded machine renders slowly, and nothing here is measured. */
const PATIENCE_MS = Number(process.env.RAYLANCE_E2E_PATIENCE_MS ?? 600_000);
const DRIVER = process.env.WEBKIT_WEBDRIVER ?? "/usr/bin/WebKitWebDriver";
const { RAYLANCE_DESKTOP, RAYLANCE_PEER, RAYLANCE_E2E_OUT: out, RAYLANCE_E2E_ROOT: root } = process.env;
const folder = mkdtempSync(join(tmpdir(), "raylance-e2e-"));
const ring = join(folder, "ring.json");
const scene = process.env.RAYLANCE_E2E_SCENE ?? firstScene(join(root, "assets"));
const children = [];
let driver;
let passed = 0;
let failed = 0;

const STORY = [
  ["the window opens and its peer runs", opens],
  ["a missing scene is refused in words", refusesMissingScene],
  ["alone, a scene is taken as a job", submits],
  ["the picture gets clearer while it is rendered", sharpens],
  ["the job is done and its files are listed", finishes],
  ["a second machine joins the ring and is shown", showsPeer],
  ["the switch turns renting out on", switchesOn],
  ["the wallet shows a verified balance and what was sent", showsPayment],
  ["no screen has an accessibility fault, dark or light", hasNoFaults],
];

try {
  driver = await startDriver();
  for (const [claim, act] of STORY) {
    await act();
    passed += 1;
    console.log(`ok      ${claim}`);
  }
} catch (thrown) {
  failed += 1;
  console.log(`FAILED  ${STORY[passed]?.[0] ?? "start"}\n${thrown.stack}`);
  await shot("failure").catch(() => {});
  await driver?.getPageSource().then((html) => writeFileSync(join(out, "failure.html"), html)).catch(() => {});
} finally {
  await Promise.race([driver?.quit().catch(() => {}), pause(5_000)]);
  for (const child of children) child.kill("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

async function opens() {
  await seen('[data-testid="sentence"]');
  await shot("home-first-start");
}

async function showsPeer() {
  await go("network");
  const address = await seen('#me ~ dl code[title^="/ip4/"]').then((line) => line.getAttribute("title"));
  const data = join(folder, "window", "node");
  execFileSync(RAYLANCE_PEER, ["ring", "export", "--data", data, "--out", ring]);
  const worker = ["--data", join(folder, "worker"), "--state", join(folder, "worker-state")];
  start(RAYLANCE_PEER, ["node", "run", ...worker, "--ring", ring, "--dial", address, "--rent-out", "--device", "cpu"], {});
  await seen('[data-testid="peers"] tbody tr');
  await shot("network");
}

async function switchesOn() {
  await go("home");
  await press('[role="switch"]');
  await seen('[role="switch"][aria-checked="true"]');
}

async function refusesMissingScene() {
  await go("render");
  await fill("scene", join(folder, "nowhere.glb"));
  await press('button[type="submit"]');
  await seen('[role="alert"]');
  await shot("render-refused");
}

async function submits() {
  await fill("scene", scene);
  for (const [id, value] of Object.entries({ width_px: "96", height_px: "72", samples: "64", depth_max: "4" })) await fill(id, value);
  await shot("render");
  await press('button[type="submit"]');
  await seen('[data-testid="job"]');
}

/** A picture has one revision per film: above the first it was renewed, even if the job was done before anybody looked. */
async function sharpens() {
  await revisionAbove(0);
  await shot("job-running");
  await revisionAbove(1);
}

async function finishes() {
  await seen('[data-testid="job"][data-state="done"]');
  const files = await (await seen('[data-testid="files"]')).getText();
  if (!files.includes(".png") || !files.includes(".exr")) throw new Error(`files: ${files}`);
}

async function showsPayment() {
  const data = ["--data", join(folder, "window", "node")];
  const { peers } = JSON.parse(execFileSync(RAYLANCE_PEER, ["peers", ...data, "--json"], { encoding: "utf8" }));
  execFileSync(RAYLANCE_PEER, ["wallet", "send", ...data, peers[0].account, "1.5"]);
  await go("wallet");
  await seen('[data-testid="verified"]');
  await seen('[data-testid="movements"] tbody tr');
}

async function hasNoFaults() {
  const faults = [];
  for (const theme of ["light", "dark"]) {
    await wear(theme);
    for (const screen of ["home", "render", "jobs", "wallet", "network"]) {
      await go(screen);
      await still();
      await shot(`${screen}-${theme}`);
      const violations = await accessibility();
      for (const { id, nodes } of violations) faults.push(`${theme} ${screen}: ${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    }
  }
  if (faults.length) throw new Error(faults.join("\n"));
}

/** Buttons fade between two colours for a moment, and axe reads what it sees. What turns for ever is not waited for. */
async function still() {
  const isStill = () => document.getAnimations().every(({ playState, effect }) => playState !== "running" || effect?.getComputedTiming().endTime === Infinity);
  await driver.wait(() => driver.executeScript(isStill), PATIENCE_MS, "the page never stops moving");
}

/** Presses the button for colours until the wanted ones are there. */
async function wear(theme) {
  const worn = () => driver.executeScript(() => document.documentElement.dataset.theme);
  const button = 'nav button[aria-label^="Colours"]';
  const label = () => driver.executeScript((selector) => document.querySelector(selector)?.ariaLabel, button);
  for (let presses = 0; presses < 3 && (await worn()) !== theme; presses += 1) {
    const before = await label();
    await press(button);
    await driver.wait(async () => (await label()) !== before, PATIENCE_MS, "the button for colours names no other choice");
  }
  if ((await worn()) !== theme) throw new Error(`the window does not turn ${theme}`);
}

async function accessibility() {
  await driver.executeScript(axe.source);
  return driver.executeAsyncScript((done) => window.axe.run(document).then(({ violations }) => done(violations)));
}

async function revisionAbove(least) {
  const read = async () => Number(await (await seen("figure[data-revision]")).getAttribute("data-revision"));
  await driver.wait(async () => (await read()) > least, PATIENCE_MS, `no picture after revision ${least}`);
  return read();
}

async function go(screen) {
  await press(`nav a[href="#/${screen}"]`);
  await seen(`nav a[href="#/${screen}"][aria-current="page"]`);
}

async function fill(id, text) {
  const field = await seen(`#${id}`);
  await field.clear();
  await field.sendKeys(text);
}

/** Clicks as soon as it can be clicked; an element that a newer view has replaced is looked up again. */
async function press(selector) {
  await driver.wait(async () => {
    try {
      const target = await seen(selector);
      if (!(await target.isEnabled())) return false;
      await target.click();
      return true;
    } catch (thrown) {
      if (thrown instanceof error.StaleElementReferenceError) return false;
      throw thrown;
    }
  }, PATIENCE_MS);
}

function seen(selector) {
  return driver.wait(until.elementLocated(By.css(selector)), PATIENCE_MS, `nothing matches ${selector}`);
}

/** The screen itself: the driver's own screenshots now and then leave it deaf (WebKitGTK 2.50). */
async function shot(name) {
  await new Promise((done) => {
    const camera = spawn("import", ["-window", "root", join(out, `${name}.png`)], { stdio: "ignore" });
    camera.on("error", ({ message }) => done(console.log(`no picture ${name}: ${message} (ImageMagick)`)));
    camera.on("exit", done);
  });
}

async function startDriver() {
  if (!scene) throw new Error("no scene: put a .glb into assets/ or name one in RAYLANCE_E2E_SCENE");
  const port = await freePort();
  start(DRIVER, [`--port=${port}`], { TAURI_WEBVIEW_AUTOMATION: "true", RAYLANCE_DATA: join(folder, "window"), HOME: folder });
  await listening(port);
  const wanted = new Capabilities({ browserName: "wry", "webkitgtk:browserOptions": { binary: RAYLANCE_DESKTOP, args: [] } });
  const driver = await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(wanted).build();
  await driver.manage().setTimeouts({ script: PATIENCE_MS, pageLoad: PATIENCE_MS });
  return driver;
}

function start(program, args, env) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } });
  child.stdout.pipe(process.stderr);
  child.on("error", (error) => console.log(`${program}: ${error.message}`));
  children.push(child);
}

function firstScene(assets) {
  const scenes = existsSync(assets) ? readdirSync(assets).filter((name) => /\.(glb|gltf)$/.test(name)).sort() : [];
  return scenes[0] && join(assets, scenes[0]);
}

function freePort() {
  return new Promise((found, refused) => {
    const probe = createServer();
    probe.on("error", refused);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
}

async function listening(port) {
  for (const began = Date.now(); Date.now() - began < PATIENCE_MS; ) {
    if (await fetch(`http://127.0.0.1:${port}/status`).then(() => true, () => false)) return;
    await pause(100);
  }
  throw new Error(`${DRIVER} does not listen on port ${port}`);
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
