// The peer's states in words for people.

import type { JobView } from "../bindings/JobView";

const JOB_STATES: Record<string, string> = {
  rendering: "Rendering",
  settling: "Last checks",
  folder_fails: "Needs another folder",
  done: "Done",
  stopped: "Stopped",
};

/** An unknown state of a newer peer is shown as it comes. */
export function jobState(job: JobView): string {
  return JOB_STATES[job.state] ?? job.state.replaceAll("_", " ");
}

/** Has the job ended, with its whole picture or a part of it? */
export function hasEnded(job: JobView): boolean {
  return job.state === "done" || job.state === "stopped";
}
