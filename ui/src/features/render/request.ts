// What the form holds, and the request that it becomes. Limits are the peer's business; it refuses with reasons.

import type { SubmitRequest } from "../../bindings/SubmitRequest";

export type Vec3 = [number | null, number | null, number | null];

export interface Form {
  scene: string;
  width_px: number | null;
  height_px: number | null;
  samples: number | null;
  depth_max: number | null;
  env: string;
  env_strength: number | null;
  camera: string;
  byHand: boolean;
  from: Vec3;
  at: Vec3;
  fov_y_deg: number | null;
  out_dir: string;
}

export interface Preset {
  name: string;
  about: string;
  width_px: number;
  height_px: number;
  samples: number;
  depth_max: number;
}

export const PRESETS: Preset[] = [
  { name: "Draft", about: "A quick look", width_px: 480, height_px: 270, samples: 32, depth_max: 6 },
  { name: "Standard", about: "Clear, HD", width_px: 1280, height_px: 720, samples: 128, depth_max: 8 },
  { name: "Final", about: "Fine, Full HD", width_px: 1920, height_px: 1080, samples: 512, depth_max: 12 },
];

export function emptyForm(): Form {
  const { width_px, height_px, samples, depth_max } = PRESETS[0]!;
  return {
    scene: "",
    width_px,
    height_px,
    samples,
    depth_max,
    env: "",
    env_strength: 1,
    camera: "",
    byHand: false,
    from: [0, 1, 5],
    at: [0, 0, 0],
    fov_y_deg: 40,
    out_dir: "",
  };
}

/** A name for one request. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The request, or the name of the first field that still lacks a number. */
export function toRequest(form: Form, key: string): { request: SubmitRequest } | { missing: string } {
  if (!form.scene.trim()) return { missing: "Scene file" };
  const numbers = { Width: form.width_px, Height: form.height_px, Samples: form.samples, Depth: form.depth_max };
  for (const [name, value] of Object.entries(numbers)) if (value === null || !Number.isFinite(value)) return { missing: name };
  if (form.byHand && [...form.from, ...form.at, form.fov_y_deg].some((value) => value === null)) return { missing: "Camera" };
  return {
    request: {
      scene: form.scene.trim(),
      env: form.env.trim() || null,
      env_strength: form.env.trim() ? form.env_strength : null,
      camera: form.byHand ? null : form.camera.trim() || null,
      look: form.byHand ? { from: form.from as [number, number, number], at: form.at as [number, number, number], fov_y_deg: form.fov_y_deg ?? 0 } : null,
      width_px: form.width_px ?? 0,
      height_px: form.height_px ?? 0,
      samples: form.samples ?? 0,
      depth_max: form.depth_max ?? 0,
      out_dir: form.out_dir.trim() || null,
      key,
    },
  };
}
