// The backend inside the window: Tauri commands, one channel of updates, pictures by the `tile` scheme.

import { Channel, convertFileSrc, invoke } from "@tauri-apps/api/core";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { open } from "@tauri-apps/plugin-dialog";
import type { Answer } from "../bindings/Answer";
import type { Command } from "../bindings/Command";
import type { Update } from "../bindings/Update";
import type { Backend, Choice, FileDrag, Stop } from "./backend";

/** A job's id as the peer writes it. Anything else must not get into a URL. */
const JOB = /^[0-9a-f]{1,64}$/;

export class TauriBackend implements Backend {
  command(command: Command): Promise<Answer> {
    return invoke<Answer>("command", { command });
  }

  async watch(show: (update: Update) => void): Promise<Stop> {
    const updates = new Channel<Update>();
    let stopped = false;
    updates.onmessage = (update) => {
      if (!stopped) show(update);
    };
    await invoke("follow", { updates });
    return () => {
      stopped = true;
    };
  }

  lookAt(job: string | null): Promise<void> {
    return invoke<void>("look_at", { job });
  }

  pictureUrl(job: string, revision: number): string {
    if (!JOB.test(job)) throw new Error("a job's id is hexadecimal");
    return `${convertFileSrc(job, "tile")}?r=${revision}`;
  }

  async choose(choice: Choice): Promise<string | null> {
    if (choice === "folder") return open({ directory: true, multiple: false });
    const filter =
      choice === "scene" ? { name: "glTF scene", extensions: ["gltf", "glb"] } : { name: "Panorama", extensions: ["hdr", "exr"] };
    return open({ directory: false, multiple: false, filters: [filter] });
  }

  defaultScene(): Promise<string | null> {
    return invoke<string | null>("default_scene");
  }

  onFileDrag(handle: (drag: FileDrag) => void): Promise<Stop> {
    return getCurrentWebview().onDragDropEvent(({ payload }) => {
      if (payload.type === "drop") handle({ kind: "drop", paths: payload.paths });
      else handle({ kind: payload.type === "leave" ? "leave" : "over" });
    });
  }
}
