// Which machine drew what: units grouped into a few shapes, so that 65,536 units are still a handful of elements.

import type { UnitsView } from "../../bindings/UnitsView";

/** How far a unit is, in two steps that can be told apart by eye. */
export type Step = "shown" | "checked";

export interface Shape {
  worker: string;
  step: Step;
  /** SVG path of one square per unit; a unit is 1 × 1. */
  path: string;
}

export interface UnitMap {
  columns: number;
  rows: number;
  shapes: Shape[];
  /** Machines in the order of their first unit, with the number of units each has. */
  workers: { worker: string; units: number }[];
}

const STEPS: Record<string, Step> = { s: "shown", c: "checked" };

/** Lays the units out in their order, in about the picture's shape. */
export function mapUnits({ states, workers, by }: UnitsView, width_px: number, height_px: number): UnitMap {
  const units = [...states];
  const columns = Math.max(1, Math.min(units.length, Math.ceil(Math.sqrt((units.length * width_px) / Math.max(1, height_px)))));
  const shapes = new Map<string, Shape>();
  const counts = new Map<string, number>();
  units.forEach((state, index) => {
    const [step, worker] = [STEPS[state], workers[by[index] ?? 0]];
    if (!worker || !step) return;
    counts.set(worker, (counts.get(worker) ?? 0) + 1);
    const key = `${step} ${worker}`;
    const shape = shapes.get(key) ?? { worker, step, path: "" };
    shape.path += `M${index % columns} ${Math.floor(index / columns)}h1v1h-1z`;
    shapes.set(key, shape);
  });
  return {
    columns,
    rows: Math.ceil(units.length / columns),
    shapes: [...shapes.values()],
    workers: [...counts].map(([worker, units]) => ({ worker, units })),
  };
}
