// What the window knows of the peer: the newest view, and how to ask for something.

import { getContext, setContext } from "svelte";
import type { Answer } from "../bindings/Answer";
import type { Command } from "../bindings/Command";
import type { CommandError } from "../bindings/CommandError";
import type { View } from "../bindings/View";
import { asCommandError, type Backend, type Stop } from "./backend";

export class Session {
  /** The newest view; `null` while the peer starts. */
  view = $state.raw<View | null>(null);
  /** Why the peer did not start. */
  startProblem = $state.raw<CommandError | null>(null);
  #stop: Stop | null = null;
  #ended = false;

  constructor(readonly backend: Backend) {}

  /** Begins to follow the peer. */
  async begin(): Promise<void> {
    try {
      const stop = await this.backend.watch((view) => {
        this.view = view;
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
