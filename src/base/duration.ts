/** Lengths of time as people write them. Knows no clock. */

const unitsMs = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A length of time such as `500ms`, `5s`, `2min`, `1h`, `7d` in milliseconds; undefined when the text is none. */
export function readDuration(value: string): number | undefined {
  const match = /^(\d{1,7})\s*(ms|s|min|m|h|d|w)$/.exec(value);
  if (match === null) return undefined;
  return Number(match[1]) * unitsMs[match[2] as keyof typeof unitsMs];
}
