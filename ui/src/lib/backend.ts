// The one door between the screens and the peer. Screens know this interface and nothing of Tauri.

import type { Answer } from "../bindings/Answer";
import type { Command } from "../bindings/Command";
import type { CommandError } from "../bindings/CommandError";
import type { Update } from "../bindings/Update";

/** What a person may choose from the disk. */
export type Choice = "scene" | "environment" | "folder";

/** A file that is held over the window or let go there. */
export type FileDrag = { kind: "over" } | { kind: "leave" } | { kind: "drop"; paths: string[] };

/** Ends what a call has begun. */
export type Stop = () => void;

export interface Backend {
  /** Asks the peer for something. Rejects with a `CommandError`. */
  command(command: Command): Promise<Answer>;
  /** Calls `show` with the present state of each topic and then with each that changes. Rejects with a `CommandError` when the peer could not start. */
  watch(show: (update: Update) => void): Promise<Stop>;
  /** From now on the units of this job are told, or of none. */
  lookAt(job: string | null): Promise<void>;
  /** Where the picture of a job at (or after) this revision can be loaded. */
  pictureUrl(job: string, revision: number): string;
  /** A path chosen in the system's own dialog; `null` when it was closed. */
  choose(choice: Choice): Promise<string | null>;
  /** Path of a small scene to try, when there is one. */
  defaultScene(): Promise<string | null>;
  /** Tells of files dragged over the window. */
  onFileDrag(handle: (drag: FileDrag) => void): Promise<Stop>;
}

/** Whatever was thrown, as lines for a person. */
export function asCommandError(thrown: unknown): CommandError {
  if (isCommandError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { message, details: [] };
}

function isCommandError(value: unknown): value is CommandError {
  return typeof value === "object" && value !== null && "message" in value && "details" in value && Array.isArray(value.details);
}
