// Light or dark: the system's wish until a person chooses.

export type ThemeChoice = "system" | "light" | "dark";

const STORED_AS = "raylance.theme";
const ORDER: ThemeChoice[] = ["system", "light", "dark"];

export class Theme {
  choice = $state<ThemeChoice>(stored());
  #systemDark = $state(false);
  #stop: () => void;

  constructor() {
    const query = window.matchMedia("(prefers-color-scheme: dark)");
    const follow = () => {
      this.#systemDark = query.matches;
      this.#apply();
    };
    query.addEventListener("change", follow);
    this.#stop = () => query.removeEventListener("change", follow);
    follow();
  }

  /** What is shown. */
  get shown(): "light" | "dark" {
    if (this.choice !== "system") return this.choice;
    return this.#systemDark ? "dark" : "light";
  }

  /** System → light → dark → system. */
  next(): void {
    this.choice = ORDER[(ORDER.indexOf(this.choice) + 1) % ORDER.length] ?? "system";
    try {
      localStorage.setItem(STORED_AS, this.choice);
    } catch {
      // Without storage the choice lasts until the window closes.
    }
    this.#apply();
  }

  stop(): void {
    this.#stop();
  }

  #apply(): void {
    document.documentElement.dataset.theme = this.shown;
  }
}

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(STORED_AS);
    return ORDER.find((choice) => choice === value) ?? "system";
  } catch {
    return "system";
  }
}
