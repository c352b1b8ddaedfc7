// The fake backend as a show, for a plain browser: `?show=busy|fresh|starting|broken`.

import type { Backend } from "./backend";
import { FakeBackend } from "./backend.fake";
import { busyView, freshView, stoppedJob, stuckJob } from "./samples";

export function demoBackend(show: string | null): Backend {
  if (show === "starting") return new FakeBackend(null);
  if (show === "broken") {
    return new FakeBackend({
      message: "Another Raylance is using the same folder.",
      details: ["Close the other window, or start this one with another folder."],
    });
  }
  const backend = new FakeBackend(show === "fresh" ? freshView() : busyView());
  backend.scene = "/usr/share/raylance/assets/cornell-box.glb";
  if (show === "failed") backend.change((view) => ({ ...view, jobs: [stuckJob(), stoppedJob(), ...view.jobs], wallet: { ...view.wallet, agrees: false } }));
  return backend;
}
