/** Rows a second over the last while, pauses included, and the time left at that rate. Knows the monotonic clock only. */

/** How far back the rate looks, and how long there is none, in milliseconds. */
const windowMs = 20_000;
const firstFigureMs = 500;

export interface Rate {
  /** so many rows are done now */
  at(processed: number): void;
  figures(total: number | null): { readonly rowsPerSecond: number | null; readonly etaMs: number | null };
}

/** A rate that begins now. */
export function createRate(processed: number, now: () => number = () => performance.now()): Rate {
  const marks: { readonly at: number; readonly processed: number }[] = [{ at: now(), processed }];
  return {
    at(count) {
      const at = now();
      marks.push({ at, processed: count });
      // One mark from before the window stays: the rate is over the whole of it.
      while (marks.length > 2 && (marks[1]?.at ?? at) < at - windowMs) marks.shift();
    },
    figures(total) {
      const first = marks[0];
      const last = marks.at(-1);
      if (first === undefined || last === undefined) return { rowsPerSecond: null, etaMs: null };
      const elapsedMs = now() - first.at;
      if (elapsedMs < firstFigureMs) return { rowsPerSecond: null, etaMs: null };
      const perSecond = ((last.processed - first.processed) * 1000) / elapsedMs;
      const left = total === null ? null : Math.max(0, total - last.processed);
      return {
        rowsPerSecond: Math.round(perSecond),
        etaMs: left === null || perSecond < 0.5 ? null : Math.round((left * 1000) / perSecond),
      };
    },
  };
}
