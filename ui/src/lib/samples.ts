// Views to look at and to test with. The amounts are text because the page never computes money.

import type { JobView } from "../bindings/JobView";
import type { UnitsView } from "../bindings/UnitsView";
import type { View } from "./view";

const ME = "5d1f0c7a".repeat(8);
const DESK = "a90b44e2".repeat(8);
const ATTIC = "17c3d8fe".repeat(8);

/** A peer just started: nobody near, nothing earned. */
export function freshView(): View {
  return {
    home: {
      account: ME,
      version: "0.1.0",
      device: { name: "NVIDIA GeForce RTX 4070", is_gpu: true },
      renting: false,
      activity: "off",
      earned: "0.000000 lux",
      parts: 0,
    },
    network: {
      ring: "My machines",
      chain: "c0ffee00".repeat(8),
      height: 0,
      validating: true,
      addresses: ["/ip4/192.168.1.20/udp/41234/quic-v1"],
      peers: [],
      strangers: [],
    },
    wallet: {
      balance: "1000.000000 lux",
      verified_at_height: 0,
      agrees: true,
      movements: [],
    },
    jobs: [],
    notices: [],
    units: NO_UNITS,
  };
}

/** A peer in the middle of things. */
export function busyView(): View {
  const fresh = freshView();
  return {
    ...fresh,
    home: { ...fresh.home, renting: true, activity: "rendering", earned: "1.062000 lux", parts: 1 },
    network: {
      ...fresh.network,
      height: 1284,
      peers: [
        { account: DESK, address: "/ip4/192.168.1.31/udp/40112/quic-v1", rtt_ms: 0 },
        { account: ATTIC, address: "/ip4/192.168.1.44/tcp/40977", rtt_ms: null },
      ],
      strangers: [{ account: "5e".repeat(32), address: "/ip4/192.168.1.60/tcp/40123", other_version: false }],
    },
    wallet: {
      balance: "998.731000 lux",
      verified_at_height: 1284,
      agrees: true,
      movements: [
        { height: 1283, kind: "earned", amount: "+0.009000 lux" },
        { height: 1281, kind: "earned", amount: "+0.000150 lux" },
        { height: 1270, kind: "fee", amount: "-0.120000 lux" },
        { height: 1266, kind: "reserve", amount: "-2.400000 lux" },
        { height: 1, kind: "received", amount: "+1000.000000 lux" },
      ],
    },
    jobs: [runningJob(), rentedJob(), finishedJob()],
    notices: [
      { at_unix_ms: 1_764_000_360_000, level: "info", code: "disk_again", about: null, why: null, times: 1 },
      { at_unix_ms: 1_764_000_000_000, level: "warning", code: "update_needed_here", about: "d".repeat(64), why: null, times: 1 },
    ],
    units: units("a".repeat(64), 40, 12, 6),
  };
}

/** An own job, half done. */
export function runningJob(): JobView {
  return {
    id: "a".repeat(64),
    name: "two-spheres.glb",
    artist: null,
    state: "rendering",
    folder_fault: null,
    width_px: 960,
    height_px: 540,
    samples: 128,
    units: 40,
    units_shown: 18,
    units_unchecked: 6,
    units_own: 5,
    machines: 2,
    machines_refused: 0,
    paid: "0.720000 lux",
    owed: null,
    picture_revision: 6,
    folder: "/home/ada/Pictures/Raylance/two-spheres",
    files: [],
  };
}

/** A job in which this machine works for someone else. */
export function rentedJob(): JobView {
  return {
    ...runningJob(),
    id: "b".repeat(64),
    name: "",
    artist: DESK,
    units: 3,
    units_shown: 2,
    units_unchecked: 0,
    units_own: 0,
    machines: 0,
    paid: "0.100000 lux",
    owed: "0.198000 lux",
    picture_revision: 0,
  };
}

/** An own job that ended well. */
export function finishedJob(): JobView {
  return {
    ...runningJob(),
    id: "d".repeat(64),
    name: "clock.glb",
    state: "done",
    units_shown: 40,
    units_unchecked: 0,
    paid: "2.400000 lux",
    picture_revision: 12,
    files: ["/home/ada/Raylance/clock/picture.png", "/home/ada/Raylance/clock/picture.exr", "/home/ada/Raylance/clock/receipt.json"],
  };
}

/** An own job that a person has stopped. */
export function stoppedJob(): JobView {
  return { ...runningJob(), id: "e".repeat(64), name: "harbour.glb", state: "stopped", machines_refused: 1 };
}

/** An own job whose picture can't be written. */
export function stuckJob(): JobView {
  return { ...runningJob(), id: "c".repeat(64), name: "attic.glb", state: "folder_fails", folder_fault: "the disk is full." };
}

const NO_UNITS: UnitsView = { job: "", states: "", workers: [], by: [] };

/** Who drew what of a job. */
export function units(job: string, count: number, checked: number, unchecked: number): UnitsView {
  const by = Array.from({ length: count }, (_, index) => (index < checked + unchecked ? (index * 7 + (index >> 2)) % 3 : 0));
  return { job, states: "c".repeat(checked) + "s".repeat(unchecked) + ".".repeat(count - checked - unchecked), workers: [DESK, ATTIC, ME], by };
}
