// Views to look at and to test with. The amounts are text because the page never computes money.

import type { JobView } from "../bindings/JobView";
import type { UnitView } from "../bindings/UnitView";
import type { View } from "../bindings/View";

const ME = "5d1f0c7a".repeat(8);
const DESK = "a90b44e2".repeat(8);
const ATTIC = "17c3d8fe".repeat(8);

/** A peer just started: nobody near, nothing earned. */
export function freshView(): View {
  return {
    me: {
      account: ME,
      addresses: ["/ip4/192.168.1.20/udp/41234/quic-v1"],
      version: "0.1.0",
      device: { name: "NVIDIA GeForce RTX 4070", kind: "gpu" },
    },
    ring: { name: "My machines", chain: "c0ffee00".repeat(8), height: 0, validating: true },
    rent: {
      on: false,
      activity: "off",
      sentence: "Your machine is all yours. Nothing is computed for others.",
      earned: "0.000000 lux",
      jobs: 0,
    },
    peers: [],
    wallet: {
      balance: "1000.000000 lux",
      verified_at_height: 0,
      agrees: true,
      movements: [],
    },
    jobs: [],
    notices: [],
  };
}

/** A peer in the middle of things. */
export function busyView(): View {
  const fresh = freshView();
  return {
    ...fresh,
    ring: { ...fresh.ring, height: 1284 },
    rent: {
      on: true,
      activity: "rendering",
      sentence: "Rendering for another machine.",
      earned: "1.062000 lux",
      jobs: 1,
    },
    peers: [
      { account: DESK, address: "/ip4/192.168.1.31/udp/40112/quic-v1", rtt_ms: 0 },
      { account: ATTIC, address: "/ip4/192.168.1.44/tcp/40977", rtt_ms: null },
    ],
    wallet: {
      balance: "998.731000 lux",
      verified_at_height: 1284,
      agrees: true,
      movements: [
        { height: 1283, reason: "earned by work for others", amount: "+0.009000 lux" },
        { height: 1281, reason: "earned by work for others", amount: "+0.000150 lux" },
        { height: 1270, reason: "fee of a transaction", amount: "-0.120000 lux" },
        { height: 1266, reason: "set aside for a job", amount: "-2.400000 lux" },
        { height: 1, reason: "received from another account", amount: "+1000.000000 lux" },
      ],
    },
    jobs: [runningJob(), rentedJob(), finishedJob()],
    notices: [
      { time_ms: 1_764_000_360_000, level: "info", text: "“two-spheres.glb” was taken: two machines are rendering it." },
      { time_ms: 1_764_000_000_000, level: "warning", text: "“kitchen.glb” has no light. The picture would be black; add a light or a panorama." },
    ],
  };
}

/** An own job, half done. */
export function runningJob(): JobView {
  return {
    id: "a".repeat(64),
    name: "two-spheres.glb",
    role: "artist",
    state: "rendering",
    sentence: "This machine and 2 others render it; 18 of 40 units are there.",
    width_px: 960,
    height_px: 540,
    samples: 128,
    units: 40,
    units_shown: 18,
    units_unchecked: 6,
    units_own: 5,
    machines_refused: 0,
    paid: "0.720000 lux",
    picture_revision: 6,
    folder: "/home/ada/Pictures/Raylance/two-spheres",
    files: [],
    unit_rows: unitRows(40, 12, 6),
  };
}

/** A job in which this machine works for someone else. */
export function rentedJob(): JobView {
  return {
    ...runningJob(),
    id: "b".repeat(64),
    name: "Job of a90b44e2…",
    role: "worker",
    sentence: "1 tasks in hand, 2 delivered; 0.100000 lux of 0.198000 lux paid.",
    units: 0,
    units_shown: 0,
    units_unchecked: 0,
    units_own: 0,
    paid: "0.198000 lux",
    picture_revision: 0,
    unit_rows: [],
  };
}

/** An own job that ended well. */
export function finishedJob(): JobView {
  return {
    ...runningJob(),
    id: "d".repeat(64),
    name: "clock.glb",
    state: "done",
    sentence: "Done. Every unit is in the picture.",
    units_shown: 40,
    units_unchecked: 0,
    paid: "2.400000 lux",
    picture_revision: 12,
    files: ["/home/ada/Raylance/clock/picture.png", "/home/ada/Raylance/clock/picture.exr", "/home/ada/Raylance/clock/receipt.json"],
    unit_rows: unitRows(40, 40, 0),
  };
}

/** An own job that a person has stopped. */
export function stoppedJob(): JobView {
  return { ...runningJob(), id: "e".repeat(64), name: "harbour.glb", state: "stopped", sentence: "Stopped: 18 of 40 units are in the picture.", machines_refused: 1 };
}

/** An own job whose picture can't be written. */
export function stuckJob(): JobView {
  return { ...runningJob(), id: "c".repeat(64), name: "attic.glb", state: "folder_fails", sentence: "The picture is there and can't be written: the disk is full." };
}

function unitRows(units: number, checked: number, unchecked: number): UnitView[] {
  const workers = [DESK, ATTIC, ME];
  return Array.from({ length: units }, (_, index) => {
    const worker = workers[(index * 7 + (index >> 2)) % 3] ?? null;
    if (index < checked) return { state: "checked", worker };
    if (index < checked + unchecked) return { state: "shown", worker };
    return { state: "open", worker: null };
  });
}
