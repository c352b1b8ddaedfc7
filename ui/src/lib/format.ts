// Numbers and times as people read them. Money arrives as text and is never touched here.

/** "1 min 23 s", "48 s", "2 h 5 min". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const rest = minutes % 60;
  return rest ? `${Math.floor(minutes / 60)} h ${rest} min` : `${minutes / 60} h`;
}

/** "41.8 million", "12,300", "0". */
export function count(value: number): string {
  if (value >= 1e9) return `${number(value / 1e9, 1)} billion`;
  if (value >= 1e6) return `${number(value / 1e6, 1)} million`;
  return number(value, 0);
}

/** The first and last letters of a long id. */
export function shortId(id: string): string {
  return id.length <= 14 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`;
}

/** Hour and minute of a moment. */
export function clockTime(timeMs: number): string {
  return new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit" }).format(timeMs);
}

/** "1 unit", "3 units". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${number(value, 0)} ${value === 1 ? one : many}`;
}

/** The last part of a path of any system. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}

function number(value: number, digits: number): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

/** Some systems call their language "C", which `Intl` refuses. */
function locale(): string {
  const language = typeof navigator === "undefined" ? "en" : navigator.language;
  try {
    return Intl.getCanonicalLocales(language)[0] ?? "en";
  } catch {
    return "en";
  }
}
