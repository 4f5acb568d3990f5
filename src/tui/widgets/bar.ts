/** A progress bar and the figures of a backfill or an index build beside it. */
import { formatDuration } from "../../render/time.ts";
import type { BackfillProgress, IndexProgress } from "../run-view.ts";
import type { Chrome, UiLine } from "../text.ts";
import { ui } from "./panes.ts";

const resumeCommand = "zanith backfill resume";

/** What a backfill does, where its own word for it does not say enough. */
const stateWords: Readonly<Record<string, string>> = {
  throttled: "held back",
  sweeping: "going over the table again for rows that were written meanwhile",
};

/** A bar of `width` cells for a fraction between 0 and 1. */
export function bar(fraction: number, width: number, chrome: Chrome): UiLine {
  const full = Math.round(Math.max(0, Math.min(1, fraction)) * width);
  return [ui(chrome.bar.repeat(full), "accent"), ui(chrome.barRest.repeat(width - full), "dim")];
}

/** `1.9 M`, `48 k`, `512`: rows as people read them. */
export function formatCount(count: number): string {
  if (count >= 999_500) return `${(count / 1_000_000).toFixed(1)} M`;
  if (count >= 9_950) return `${Math.round(count / 1000)} k`;
  return String(Math.round(count));
}

/** The two lines of a backfill: bar with rows, and rate, time left, batch and lag as far as they are known. */
export function backfillLines(progress: BackfillProgress, width: number, chrome: Chrome): UiLine[] {
  const { processed, total, rowsPerSecond, etaMs, batchRows, batchMs, lagMs } = progress;
  const cells = Math.max(8, Math.min(32, width - 40));
  const head: UiLine =
    total === null || total === 0
      ? [ui(`${formatCount(processed)} rows`)]
      : [
          ...bar(processed / total, cells, chrome),
          ui(
            `  ${Math.floor(Math.min(1, processed / total) * 100)} %   ${formatCount(processed)} / ${formatCount(total)}`,
          ),
        ];
  const figures = [
    rowsPerSecond == null ? undefined : `${formatCount(rowsPerSecond)} rows/s`,
    etaMs == null ? undefined : `eta ${formatDuration(etaMs)}`,
    batchRows == null ? undefined : `batch ${batchRows}${batchMs == null ? "" : ` in ${formatDuration(batchMs)}`}`,
    lagMs == null ? undefined : `lag ${(lagMs / 1000).toFixed(1)} s`,
  ].filter((figure) => figure !== undefined);
  const lines = figures.length === 0 ? [head] : [head, [ui(figures.join("   "), "dim")]];
  const { state = "running", reason = null } = progress;
  if (state === "paused") {
    return [
      ...lines,
      [ui("paused", "warn"), ui("   "), ui("p", "key"), ui(" goes on; so does "), ui(resumeCommand, "code")],
    ];
  }
  if ((state === "running" || state === "done") && reason === null) return lines;
  return [...lines, [ui(stateWords[state] ?? state, "warn"), ui(reason === null ? "" : `: ${reason}`)]];
}

/** The line of an index build. */
export function indexLine({ phase, counts, done, total }: IndexProgress, width: number, chrome: Chrome): UiLine {
  if (total === 0) return [ui(phase, "dim")];
  if (counts === "transactions") return [ui(phase), ui(`   ${done} of ${total} transactions have ended`, "dim")];
  const cells = Math.max(8, Math.min(24, width - 40));
  return [...bar(done / total, cells, chrome), ui(`  ${Math.floor((done / total) * 100)} %   ${phase}`, "dim")];
}
