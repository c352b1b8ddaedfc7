// The peer's states in words for people.

import type { JobView } from "../bindings/JobView";

const JOB_STATES: Record<string, string> = {
  looking_for_workers: "Looking for machines",
  locking_budget: "Setting the budget aside",
  rendering: "Rendering",
  assembling: "Putting the picture together",
  done: "Done",
  failed: "Stopped",
};

/** An unknown state of a newer peer is shown as it comes. */
export function jobState(job: JobView): string {
  return JOB_STATES[job.state] ?? job.state.replaceAll("_", " ");
}

/** Has the job ended, well or badly? */
export function hasEnded(job: JobView): boolean {
  return job.state === "done" || job.state === "failed";
}
