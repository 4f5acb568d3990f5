/** Durations and moments as people read them. Knows no clock: every moment is handed in. */

/** `41 ms`, `41.2 s`, `1 min 42 s`, `2 h 05 min`; a length of time in milliseconds. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 999.5) return `${Math.max(0, Math.round(durationMs))} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

const serverMoment = /^(\d{4,}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d(?::?\d\d)?(?::\d\d)?)?$/;

/**
 * A moment as the server wrote it (timestamptz text in ISO style, any time zone) in UTC to the second:
 * `2026-04-02 10:31:07Z`. A text that is no such moment is returned as it is.
 */
export function formatMoment(text: string): string {
  const match = serverMoment.exec(text);
  if (match === null) return text;
  const [, day = "", time = "", , zone = "Z"] = match;
  const offset = zone === "Z" ? "Z" : zone.length === 3 ? `${zone}:00` : zone.slice(0, 6);
  const at = new Date(`${day}T${time}${offset}`);
  if (Number.isNaN(at.getTime())) return text;
  return `${at.toISOString().slice(0, 19).replace("T", " ")}Z`;
}
