// The peer's codes and values in words for people.

import type { Activity } from "../bindings/Activity";
import type { JobStanding } from "../bindings/JobStanding";
import type { JobView } from "../bindings/JobView";
import type { MovementView } from "../bindings/MovementView";
import type { NoticeCode } from "../bindings/NoticeCode";
import type { NoticeView } from "../bindings/NoticeView";
import type { StrangerView } from "../bindings/StrangerView";
import { plural } from "./format";

const JOB_STATES: Record<JobStanding, string> = {
  rendering: "Rendering",
  stands: "Nobody works on it",
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
    case "stands":
      return `Nobody works on it: this machine is paused, and no other has taken a part. Let this machine go on, or wait for others; ${job.units_shown} of ${job.units} units are there.`;
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
    case "unseen":
      return "all that happened while this machine was away";
    default:
      return "deposit, or a share in a dispute";
  }
}

const NOTICES: Record<NoticeCode, (about: string, why: string) => string> = {
  waiting_for_peers: (height) => `Other machines have the ring's blocks up to ${height}. This one waits for them before it makes its own.`,
  peers_silent: (height) => `No machine delivered the blocks up to ${height}. This one goes on without them.`,
  behind_own_signature: (height) =>
    `Block ${height} was signed with this account's key and is not here. Either this folder is older than that, or the same key is at work on another machine. No blocks are made until it is here.`,
  forked: (height) => `Two different blocks ${height} are signed with this account's key: it is at work on two machines. This one makes no more blocks.`,
  block_refused: (height, why) => `Block ${height} of this ring is refused here${why}. Other machines run another version.`,
  transaction_dropped: (_, why) => `A transaction was dropped${why}.`,
  bad_signature: (height) => `The signature under block ${height} is not this account's.`,
  rules_fault: (_, why) => `The ledger refuses what it has just computed${why}. Please report this.`,
  bad_block: (peer, why) => `${peer} sent a block that is not good${why}.`,
  blocks_skipped: (height) => `Nobody has the ring's blocks up to ${height} any more. The balances after it were taken instead, signed by the ring.`,
  transfer_refused: (account, why) => `The transfer to ${account} was refused${why || ": its time ran out"}.`,
  job_unreadable: (job) => `Job ${job} can't be read back. It is set aside, and everything else goes on.`,
  job_of_other_renderer: (job) => `Job ${job} was begun by another version of Raylance and is ended. What is there is paid and written.`,
  renderer_not_listed: () => "Update needed: this ring does not list the renderer of this version.",
  update_needed_here: (peer) => `Update needed here: ${peer} has a newer renderer.`,
  update_needed_there: (peer) => `${peer} has another renderer and needs an update.`,
  wrong_film: (worker) => `${worker} delivered something else than it signed for. It is not paid.`,
  database_gone: () => "The database of this folder is gone. What it knew of jobs is lost; money stands on the ledger and comes back from other machines.",
  disk_waits: (_, why) => `Everything waits for the disk${why}.`,
  disk_again: () => "The disk takes data again. Everything goes on.",
  panicked: (_, why) => `A part of the program failed and is tried again${why}.`,
  film_not_stored: (_, why) => `A rendered piece can't be stored${why}.`,
  scene_too_much: (_, why) => `Another artist's scene was too much for this machine${why}. It is not tried again.`,
  scene_not_marked: (_, why) => `That a scene is not to be tried again can't be written down${why}.`,
  device_fails: (_, why) => `This device can't render${why}.`,
  picture_not_written: (name, why) => `The picture of “${name}” can't be written${why}. Choose another folder for it.`,
};

/** A notice as a sentence. Long names in hexadecimal are shortened. */
export function noticeWords({ code, about, why, times }: NoticeView): string {
  const short = (about ?? "").replace(/^([0-9a-f]{8})[0-9a-f]{56}$/, "$1…");
  const words = NOTICES[code]?.(short, why === null ? "" : `: ${why}`) ?? [String(code).replaceAll("_", " "), short, why].filter(Boolean).join(": ");
  return times > 1 ? `${words} (${times} times)` : words;
}

/** What to do about machines that are no peers. */
export function strangersHint(strangers: StrangerView[]): string {
  const ring = "Machines work together in one ring. Export the ring on one of them, and start Raylance with that file on the other, in a new folder.";
  const version = "Machines with another version need an update, or this one does.";
  return [strangers.some((stranger) => !stranger.other_version) ? ring : "", strangers.some((stranger) => stranger.other_version) ? version : ""].filter(Boolean).join(" ");
}
