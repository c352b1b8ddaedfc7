// Which screen is shown: a part of the URL, so that links, history and tests work as on any page.

export const SCREENS = ["home", "render", "jobs", "wallet", "network"] as const;
export type Screen = (typeof SCREENS)[number];

export class Route {
  screen = $state<Screen>("home");
  /** What the screen shows of many, e.g. a job's id. */
  item = $state<string | null>(null);

  constructor() {
    this.read();
  }

  /** Follows the address bar. */
  read = (): void => {
    const [screen, item] = window.location.hash.replace(/^#\/?/, "").split("/");
    this.screen = SCREENS.find((known) => known === screen) ?? "home";
    this.item = item || null;
  };
}

export function linkTo(screen: Screen, item?: string): string {
  return item ? `#/${screen}/${item}` : `#/${screen}`;
}
