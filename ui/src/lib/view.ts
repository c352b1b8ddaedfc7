// The topics that the peer tells, put together.

import type { HomeView } from "../bindings/HomeView";
import type { JobView } from "../bindings/JobView";
import type { NetworkView } from "../bindings/NetworkView";
import type { NoticeView } from "../bindings/NoticeView";
import type { UnitsView } from "../bindings/UnitsView";
import type { Update } from "../bindings/Update";
import type { WalletView } from "../bindings/WalletView";

/** Everything that the screens show. */
export interface View {
  home: HomeView;
  jobs: JobView[];
  wallet: WalletView;
  network: NetworkView;
  notices: NoticeView[];
  /** Of the job that is looked at. */
  units: UnitsView;
}

/** The same while topics are still missing. */
export type Parts = { readonly [topic in keyof View]: View[topic] | null };

export const NOTHING_YET: Parts = { home: null, jobs: null, wallet: null, network: null, notices: null, units: null };

/** A topic of a newer peer that this page does not know changes nothing. */
export function withUpdate(parts: Parts, { now }: Update): Parts {
  return now.topic in parts ? { ...parts, [now.topic]: now.state } : parts;
}

export function whole(parts: Parts): View | null {
  return Object.values(parts).every((part) => part !== null) ? (parts as View) : null;
}

/** A view as the updates that make it. */
export function asUpdates(view: View): Update[] {
  const { home, jobs, wallet, network, notices, units } = view;
  const nows: Update["now"][] = [
    { topic: "home", state: home },
    { topic: "jobs", state: jobs },
    { topic: "wallet", state: wallet },
    { topic: "network", state: network },
    { topic: "notices", state: notices },
    { topic: "units", state: units },
  ];
  return nows.map((now, index) => ({ revision: index + 1, now }));
}
