// A backend without a peer: for tests, and for looking at the screens in any browser.

import type { Answer } from "../bindings/Answer";
import type { Command } from "../bindings/Command";
import type { CommandError } from "../bindings/CommandError";
import type { Update } from "../bindings/Update";
import type { Backend, Choice, FileDrag, Stop } from "./backend";
import { asUpdates, type View } from "./view";

export class FakeBackend implements Backend {
  /** Every command that was sent, oldest first. */
  readonly commands: Command[] = [];
  /** What the next `choose` returns. */
  chosen: string | null = null;
  /** What `defaultScene` returns. */
  scene: string | null = null;
  /** When set, commands are refused with it. */
  refusal: CommandError | null = null;
  /** Lines that go with an accepted scene. */
  warnings: string[] = [];

  /** Which job's units are looked at. */
  lookedAt: string | null = null;

  private watchers = new Set<(update: Update) => void>();
  private dragHandlers = new Set<(drag: FileDrag) => void>();

  /** `start` is the first view, why the peer did not start, or `null` for a peer that is still starting. */
  constructor(private start: View | CommandError | null) {}

  async command(command: Command): Promise<Answer> {
    this.commands.push(command);
    if (this.refusal) throw this.refusal;
    if (command.command === "submit") return { answer: "submitted", job: "f".repeat(64), warnings: this.warnings };
    if (command.command === "rent_out") this.change((view) => ({ ...view, home: { ...view.home, renting: command.on, activity: command.on ? "waiting" : "off" } }));
    return { answer: "done" };
  }

  async watch(show: (update: Update) => void): Promise<Stop> {
    if (this.start && "message" in this.start) throw this.start;
    this.watchers.add(show);
    if (this.start) asUpdates(this.start).forEach(show);
    return () => this.watchers.delete(show);
  }

  async lookAt(job: string | null): Promise<void> {
    this.lookedAt = job;
  }

  /** A drawing that gets clearer with each revision, as an SVG in the URL. */
  pictureUrl(job: string, revision: number): string {
    const noise = Math.max(0, 0.75 - revision * 0.06).toFixed(2);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="540" viewBox="0 0 960 540" data-job="${job}">
<defs><linearGradient id="w" x2="0" y2="1"><stop stop-color="#c9d3e2"/><stop offset="1" stop-color="#8a8fa6"/></linearGradient>
<linearGradient id="f" x2="0" y2="1"><stop stop-color="#6d6672"/><stop offset="1" stop-color="#2c2830"/></linearGradient>
<radialGradient id="s" cx=".36" cy=".28" r=".8"><stop stop-color="#fff3da"/><stop offset=".35" stop-color="#e39a54"/><stop offset="1" stop-color="#3f1d12"/></radialGradient>
<radialGradient id="g" cx=".36" cy=".28" r=".8"><stop stop-color="#fff"/><stop offset=".4" stop-color="#89a9c6"/><stop offset="1" stop-color="#1b2838"/></radialGradient>
<filter id="n"><feTurbulence type="fractalNoise" baseFrequency=".9" numOctaves="2" seed="${revision}"/></filter>
<filter id="b" x="-30%" y="-200%" width="160%" height="500%"><feGaussianBlur stdDeviation="14"/></filter></defs>
<rect width="960" height="540" fill="url(#w)"/><rect y="330" width="960" height="210" fill="url(#f)"/>
<ellipse cx="420" cy="452" rx="190" ry="26" fill="#0008" filter="url(#b)"/><ellipse cx="690" cy="430" rx="110" ry="16" fill="#0007" filter="url(#b)"/>
<circle cx="390" cy="300" r="155" fill="url(#s)"/><circle cx="668" cy="345" r="92" fill="url(#g)"/>
<rect width="960" height="540" filter="url(#n)" opacity="${noise}"/></svg>`;
    return `data:image/svg+xml,${encodeURIComponent(svg)}`;
  }

  async choose(_choice: Choice): Promise<string | null> {
    return this.chosen;
  }

  async defaultScene(): Promise<string | null> {
    return this.scene;
  }

  async onFileDrag(handle: (drag: FileDrag) => void): Promise<Stop> {
    this.dragHandlers.add(handle);
    return () => this.dragHandlers.delete(handle);
  }

  /** Lets a file be dragged. */
  drag(drag: FileDrag): void {
    for (const handle of this.dragHandlers) handle(drag);
  }

  /** Shows another view. */
  change(next: (view: View) => View): void {
    if (!this.start || "message" in this.start) return;
    this.start = next(this.start);
    for (const show of this.watchers) asUpdates(this.start).forEach(show);
  }
}
