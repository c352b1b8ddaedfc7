// The peer's codes and values in words for people.

import type { Activity } from "../bindings/Activity";
import type { JobStanding } from "../bindings/JobStanding";
import type { JobView } from "../bindings/JobView";
import type { MovementView } from "../bindings/MovementView";
import { plural } from "./format";

const JOB_STATES: Record<JobStanding, string> = {
  rendering: "Rendering",
  settling: "Last checks",
  folder_fails: "Needs another folder",
  done: "Done",
  stopped: "Stopped",
};

/** An unknown state of a newer peer is shown as it comes. */
export function jobState(job: JobView): string {
  return JOB_STATES[job.state] ?? String(job.state).replaceAll("_", " ");
}

/** Has the job ended, with its whole picture or a part of it? */
export function hasEnded(job: JobView): boolean {
  return job.state === "done" || job.state === "stopped";
}

export function isOwn(job: JobView): boolean {
  return job.artist === null;
}

export function jobName(job: JobView): string {
  return job.artist === null ? job.name : `Job of ${job.artist.slice(0, 8)}…`;
}

/** One sentence: how far the job is and who works on it. */
export function jobSentence(job: JobView): string {
  if (!isOwn(job)) return `${plural(job.units - job.units_shown, "task")} in hand, ${job.units_shown} delivered; ${job.paid} of ${job.owed ?? job.paid} paid.`;
  switch (job.state) {
    case "done":
      return "Done. Every unit is in the picture.";
    case "stopped":
      return `Stopped: ${job.units_shown} of ${job.units} units are in the picture.`;
    case "folder_fails":
      return `The picture is there and can't be written: ${job.folder_fault ?? "the folder takes no files"}`;
    case "settling":
      return "Every unit is there; the last checks and payments go on.";
    default: {
      const others = job.machines === 1 ? "another one render" : `${job.machines} others render`;
      const who = job.machines === 0 ? "This machine renders" : `This machine and ${others}`;
      return `${who} it; ${job.units_shown} of ${job.units} units are there.`;
    }
  }
}

const ACTIVITIES: Record<Activity, { title: string; sentence: string }> = {
  off: { title: "Resting", sentence: "Your machine is all yours. Nothing is computed for others." },
  paused: { title: "Paused", sentence: "The device stands still until you let it go on." },
  own: { title: "Rendering for you", sentence: "This machine renders a picture of yours." },
  rendering: { title: "Rendering", sentence: "Rendering for another machine." },
  checking: { title: "Checking others’ work", sentence: "Checking what another machine has rendered." },
  hired: { title: "Ready for work", sentence: "Hired, and waiting for the next piece of work." },
  alone: { title: "Ready for work", sentence: "Ready. No other machine is connected at present." },
  waiting: { title: "Ready for work", sentence: "Ready. No job needs this machine at present." },
};

/** What the device does, as a title and a sentence. */
export function activityWords(activity: Activity): { title: string; sentence: string } {
  return ACTIVITIES[activity] ?? { title: String(activity), sentence: "" };
}

export function isWorking(activity: Activity): boolean {
  return ["own", "rendering", "checking"].includes(activity);
}

/** What money moved for. */
export function movementReason({ kind, amount }: MovementView): string {
  const out = amount.startsWith("-");
  switch (kind) {
    case "sent":
      return "sent to another account";
    case "received":
      return "received from another account";
    case "reserve":
      return out ? "set aside for a job" : "back from a job";
    case "earned":
      return "earned by work for others";
    case "fee":
      return "fee of a transaction";
    case "bond":
      return out ? "put up as a bond" : "back from a bond";
    default:
      return "deposit, or a share in a dispute";
  }
}
