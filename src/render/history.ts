/** The ledger as lines: each migration with its worst risk and, in the verbose form, every step and the snapshot. */
import type { Glyphs } from "./glyphs.ts";
import { type Line, line, outside, span } from "./line.ts";
import { renderSteps, roleOfLevel, type ShownStep } from "./steps.ts";
import { formatMoment } from "./time.ts";

/** One migration of the ledger. */
export interface HistoryEntry {
  readonly migration: string;
  /** the server's text; null while it is not complete */
  readonly appliedAt: string | null;
  readonly worst: { readonly level: string; readonly score: number };
  readonly steps: readonly ShownStep[];
  readonly snapshot?: { readonly models: number; readonly relations: number } | undefined;
}

/** The history, oldest first as given. Without `verbose` one line each. */
export function renderHistory(
  entries: readonly HistoryEntry[],
  glyphs: Glyphs,
  options: { readonly verbose?: boolean } = {},
): Line[] {
  const applied = entries.filter(({ appliedAt }) => appliedAt !== null);
  const unfinished = entries.filter(({ appliedAt }) => appliedAt === null);
  const lines: Line[] = [line(span(`Applied migrations (${applied.length}):`, "title"))];
  for (const entry of applied) lines.push(...renderEntry(entry, glyphs, options.verbose === true));
  if (unfinished.length > 0) {
    lines.push(line(span(`Not finished (${unfinished.length}):`, "title")));
    for (const entry of unfinished) lines.push(...renderEntry(entry, glyphs, options.verbose === true));
  }
  return lines;
}

function renderEntry(
  { migration, appliedAt, worst, steps, snapshot }: HistoryEntry,
  glyphs: Glyphs,
  verbose: boolean,
): Line[] {
  const head = line(
    span(`${glyphs.marker} `, "accent"),
    outside(migration, "title"),
    span("   "),
    appliedAt === null ? span("not applied", "warn") : outside(`applied ${formatMoment(appliedAt)}`),
    span("   worst: "),
    outside(`${worst.level} ${worst.score}`, roleOfLevel(worst.level)),
  );
  if (!verbose) return [head];
  const size =
    snapshot === undefined
      ? []
      : [line("  ", span(`snapshot: ${snapshot.models} model(s), ${snapshot.relations} relation(s)`, "dim"))];
  return [head, ...renderSteps(steps, glyphs), ...size];
}

/** What a migration left to go back by, one line each. */
export function renderArtifacts(
  artifacts: readonly { readonly id: string; readonly rows: string | null; readonly status: string }[],
): Line[] {
  return [
    line(span(`Artifacts (${artifacts.length}):`, "title")),
    ...artifacts.map(({ id, rows, status }) =>
      line("  ", outside(id, "code"), span(`   ${rows ?? "?"} row(s)`, "dim"), "   ", outside(status, "dim")),
    ),
  ];
}
