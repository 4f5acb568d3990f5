/** Where things stand, as lines: applied, pending, unfinished, what does not fit together, and the next command. */
import { plural } from "../base/text.ts";
import { alignColumns } from "./columns.ts";
import type { Glyphs } from "./glyphs.ts";
import { type Line, line, outside, span } from "./line.ts";
import { formatMoment } from "./time.ts";

export interface StatusView {
  readonly database: { readonly name: string; readonly version: string; readonly user: string };
  readonly mode: string;
  readonly applied: readonly { readonly id: string; readonly appliedAt: string }[];
  readonly pending: readonly { readonly id: string; readonly steps: number; readonly applied: number }[];
  readonly problems: readonly { readonly migration: string; readonly message: string }[];
  readonly drift: readonly string[];
  readonly unfinished: readonly {
    readonly migration: string;
    readonly step: number;
    readonly kind: string;
    readonly object: string;
    readonly status: string;
    readonly error: string | null;
  }[];
  readonly models: number;
  readonly relations: number;
  readonly runner?: {
    readonly pid: number;
    readonly user: string | null;
    readonly application: string | null;
    readonly since: string | null;
  };
}

/** Applied migrations shown without `verbose`: the newest. */
const shownApplied = 10;

/** Differences shown without `verbose`. */
const shownDrift = 10;

/** The whole status. The last line is the command that goes on from here, when there is something to do. */
export function renderStatus(status: StatusView, glyphs: Glyphs, options: { readonly verbose?: boolean } = {}): Line[] {
  const { database, applied, pending, problems, drift, unfinished, runner } = status;
  const lines: Line[] = [
    line(
      outside(database.name, "title"),
      outside(`  pg ${database.version}  role ${database.user}  ${status.mode}`, "dim"),
      span(`   ${status.models} model(s), ${status.relations} relation(s)`, "dim"),
    ),
    line(`${applied.length} applied, `, span(`${pending.length} pending`, pending.length > 0 ? "accent" : "plain")),
    ...migrationLines(status, glyphs, options.verbose === true),
  ];
  if (unfinished.length > 0) {
    lines.push(line(span("Not finished:", "title")));
    for (const { migration, step, kind, object, status: word, error } of unfinished) {
      const failed = word === "failed" || word === "refused";
      lines.push(
        line(
          "  ",
          span(failed ? glyphs.failed : glyphs.unfinished, failed ? "bad" : "warn"),
          outside(` ${migration} step ${step} ${kind} ${object}`),
          outside(`   ${outcome(word, error)}`, failed ? "bad" : "warn"),
        ),
      );
    }
  }
  if (problems.length > 0) {
    lines.push(line(span("Files and ledger do not agree:", "title")));
    for (const { message } of problems) lines.push(line("  ", span(glyphs.failed, "bad"), " ", outside(message)));
  }
  if (drift.length > 0) {
    const shown = options.verbose === true ? drift : drift.slice(0, shownDrift);
    lines.push(line(span("The live schema is not the last snapshot:", "title")));
    for (const message of shown) lines.push(line("  ", span(glyphs.altered, "warn"), " ", outside(message)));
    if (drift.length > shown.length)
      lines.push(line(span(`    and ${plural(drift.length - shown.length, "more difference")}`, "dim")));
  }
  if (runner !== undefined) {
    const who = [`pid ${runner.pid}`, runner.user, runner.application].filter((part) => part !== null).join(", ");
    const since = runner.since === null ? "" : ` since ${formatMoment(runner.since)}`;
    lines.push(line(span("running now: ", "warn"), outside(`${who}${since}`)));
  }
  const next = nextCommand(status);
  if (next !== undefined) lines.push(line(span("next: ", "dim"), span(next, "accent")));
  return lines;
}

/** `failed: …`, and a refusal in the words it is recorded with. */
function outcome(status: string, error: string | null): string {
  if (error === null) return status;
  return error.startsWith(status) ? error : `${status}: ${error}`;
}

function migrationLines({ applied, pending }: StatusView, glyphs: Glyphs, verbose: boolean): Line[] {
  const shown = verbose ? applied : applied.slice(-shownApplied);
  const hidden = applied.length - shown.length;
  const rows = [
    ...shown.map(({ id, appliedAt }) => [
      [span(glyphs.applied, "ok")],
      [outside(id)],
      [outside(`applied ${formatMoment(appliedAt)}`, "dim")],
    ]),
    ...pending.map(({ id, steps, applied: done }) => [
      [done > 0 ? span(glyphs.unfinished, "warn") : span(glyphs.open, "dim")],
      [outside(id)],
      [span(done > 0 ? `${done} of ${plural(steps, "step")} applied` : `pending, ${plural(steps, "step")}`, "accent")],
    ]),
  ];
  return [
    ...(hidden > 0 ? [line(span(`  ${glyphs.ellipsis} ${hidden} earlier`, "dim"))] : []),
    ...alignColumns(rows, [{ gap: 2 }, { gap: 1 }, { gap: 3 }]),
  ];
}

function nextCommand({ problems, drift, pending, runner, mode }: StatusView): string | undefined {
  if (runner !== undefined || problems.length > 0) return undefined;
  if (drift.length > 0) return "zanith drift";
  const [first] = pending;
  if (first === undefined) return undefined;
  if (first.applied > 0) return "zanith migrate up";
  return mode === "development" ? "zanith migrate up" : "zanith migrate plan";
}
