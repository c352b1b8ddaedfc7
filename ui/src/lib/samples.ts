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
      peer_id: "12D3KooWQpZ8vN4hT2rJm6yXcE9sLdF5aGkB1uWoR7tMiP3nYzKx",
      addresses: ["/ip4/192.168.1.20/udp/41234/quic-v1"],
      version: "0.1.0",
      device: { name: "NVIDIA GeForce RTX 4070", kind: "gpu", profile: "exact" },
    },
    ring: { name: "My machines", chain: "c0ffee00".repeat(8), height: 0, validating: true },
    rent: {
      on: false,
      activity: "off",
      sentence: "Your machine is all yours. Nothing is computed for others.",
      samples_per_s: 0,
      units_done: 0,
      earned: "0.000000 lux",
    },
    peers: [],
    wallet: {
      balance: "1000.000000 lux",
      balance_microlux: "1000000000",
      verified_at_height: 0,
      escrow: "0.000000 lux",
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
      sentence: "Rendering unit 23 of “attic-window.glb” for a machine of yours.",
      samples_per_s: 41_800_000,
      units_done: 118,
      earned: "1.062000 lux",
    },
    peers: [
      { peer_id: "12D3KooWDeskDeskDeskDeskDeskDeskDeskDeskDeskDeskDe5k", account: DESK, address: "/ip4/192.168.1.31/udp/40112/quic-v1", rtt_ms: 0.8 },
      { peer_id: "12D3KooWAtticAtticAtticAtticAtticAtticAtticAtticA771", account: ATTIC, address: "/ip4/192.168.1.44/tcp/40977", rtt_ms: null },
    ],
    wallet: {
      balance: "998.731000 lux",
      balance_microlux: "998731000",
      verified_at_height: 1284,
      escrow: "2.400000 lux",
      agrees: true,
      movements: [
        { height: 1283, reason: "Rendered unit 22 of attic-window.glb", amount: "+0.009000 lux", job: "b".repeat(64) },
        { height: 1281, reason: "Replayed unit 17 of attic-window.glb", amount: "+0.000150 lux", job: "b".repeat(64) },
        { height: 1270, reason: "Paid for 12 units of two-spheres.glb", amount: "−0.120000 lux", job: "a".repeat(64) },
        { height: 1266, reason: "Budget set aside for two-spheres.glb", amount: "−2.400000 lux", job: "a".repeat(64) },
        { height: 1, reason: "Opening balance of the ring", amount: "+1000.000000 lux", job: null },
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
    sentence: "Two machines are rendering; 12 of 40 units are checked and paid.",
    width_px: 960,
    height_px: 540,
    samples: 128,
    units: 40,
    units_rendering: 4,
    units_checking: 6,
    units_settled: 12,
    units_rejected: 0,
    eta_ms: 83_000,
    budget: "2.400000 lux",
    paid: "0.720000 lux",
    picture_revision: 6,
    files: [],
    unit_rows: unitRows(40, 12, 6, 4),
  };
}

/** A job in which this machine works for someone else. */
export function rentedJob(): JobView {
  return {
    ...runningJob(),
    id: "b".repeat(64),
    name: "attic-window.glb",
    role: "worker",
    sentence: "This machine has rendered 22 units of it.",
    units_rendering: 1,
    eta_ms: null,
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
    sentence: "Done. Every unit was checked and paid.",
    units_rendering: 0,
    units_checking: 0,
    units_settled: 40,
    eta_ms: null,
    paid: "2.400000 lux",
    picture_revision: 12,
    files: ["/home/ada/Raylance/clock/picture.png", "/home/ada/Raylance/clock/picture.exr", "/home/ada/Raylance/clock/receipt.json"],
    unit_rows: unitRows(40, 40, 0, 0),
  };
}

/** An own job that could not be finished. */
export function failedJob(): JobView {
  return {
    ...runningJob(),
    id: "e".repeat(64),
    name: "harbour.glb",
    state: "failed",
    sentence: "Stopped: no machine took the job within ten minutes. Switch another machine on and submit it again.",
    units_rendering: 0,
    units_checking: 0,
    units_settled: 0,
    units_rejected: 1,
    eta_ms: null,
    paid: "0.000000 lux",
    picture_revision: 0,
    unit_rows: unitRows(40, 0, 0, 0),
  };
}

function unitRows(units: number, settled: number, checking: number, rendering: number): UnitView[] {
  const workers = [DESK, ATTIC, ME];
  return Array.from({ length: units }, (_, index) => {
    const worker = workers[(index * 7 + (index >> 2)) % 3] ?? null;
    if (index < settled) return { state: "settled", worker };
    if (index < settled + checking) return { state: index % 2 ? "checking" : "committed", worker };
    if (index < settled + checking + rendering) return { state: "assigned", worker };
    return { state: "open", worker: null };
  });
}
