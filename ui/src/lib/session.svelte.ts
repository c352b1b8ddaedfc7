// What the window knows of the peer: the newest state of each topic, and how to ask for something.

import { getContext, setContext } from "svelte";
import type { Answer } from "../bindings/Answer";
import type { Command } from "../bindings/Command";
import type { CommandError } from "../bindings/CommandError";
import type { Update } from "../bindings/Update";
import { asCommandError, type Backend, type Stop } from "./backend";
import { NOTHING_YET, whole, withUpdate, type Parts, type View } from "./view";

export class Session {
  #parts = $state.raw<Parts>(NOTHING_YET);
  /** Everything that the screens show; `null` until each topic was told once. */
  view: View | null = $derived(whole(this.#parts));
  /** Why the peer did not start. */
  startProblem = $state.raw<CommandError | null>(null);
  #stop: Stop | null = null;
  #ended = false;

  constructor(readonly backend: Backend) {}

  /** Begins to follow the peer. */
  async begin(): Promise<void> {
    try {
      const stop = await this.backend.watch((update: Update) => {
        this.#parts = withUpdate(this.#parts, update);
      });
      if (this.#ended) stop();
      else this.#stop = stop;
    } catch (thrown) {
      this.startProblem = asCommandError(thrown);
    }
  }

  end(): void {
    this.#ended = true;
    this.#stop?.();
  }

  /** Asks for the units of a job, or of none. */
  lookAt(job: string | null): void {
    this.backend.lookAt(job).catch((thrown: unknown) => console.warn(asCommandError(thrown).message));
  }

  /** Sends a command; a refusal comes back as a value, so that no screen forgets it. */
  async ask(command: Command): Promise<{ answer: Answer } | { refused: CommandError }> {
    try {
      return { answer: await this.backend.command(command) };
    } catch (thrown) {
      return { refused: asCommandError(thrown) };
    }
  }
}

const KEY = Symbol("session");

export function provideSession(session: Session): void {
  setContext(KEY, session);
}

export function useSession(): Session {
  return getContext<Session>(KEY);
}
