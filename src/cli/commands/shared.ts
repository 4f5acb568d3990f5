/** What several commands have in common: gate options, notes beside a result, a diff as JSON. Runs no use case. */

import { type BackfillSettings, defaultBackfillSettings, maxWorkers } from "../../backfill/settings.ts";
import { commandLine } from "../../base/shell.ts";
import { plural } from "../../base/text.ts";
import { isScopePattern, scopePatternForm } from "../../diff/scope.ts";
import { graphSize } from "../../model/lined-graph.ts";
import { line, outside, span } from "../../render/line.ts";
import { renderUnmodelled } from "../../render/notes.ts";
import { reasonCodes } from "../../risk/levels.ts";
import type { DiffResult } from "../../usecase/diff.ts";
import { duration, flag, list, type OptionValues, repeated, text, wholeNumber } from "../options.ts";
import type { Output } from "../output.ts";

/** Options that move the gates. */
export const gateOptions = {
  maxRisk: wholeNumber("--max-risk <score>", "refuse steps that score above this", 0, 100),
  allowDestructive: flag("--allow-destructive", "consent to drops"),
  failOn: list(
    "--fail-on <codes>",
    "refuse steps with one of these reason codes; several between commas",
    (code) => reasonCodes.some((known) => known === code),
    "a reason code (zanith help ops lists them)",
  ),
};

/** Options that choose among pending migrations. */
export const rangeOptions = {
  steps: wholeNumber("--steps <n>", "at most this many migrations", 1, 100_000),
  to: text("--to <id>", "up to this migration"),
};

/** Options of commands that take locks and ask for consent. */
export const runOptions = {
  yes: flag("--yes", "confirm without being asked"),
  lockTimeout: duration("--lock-timeout <time>", "how long a statement waits for a lock at a time (default 3s)"),
  dryRun: flag("--dry-run", "show the plan and the gates, change nothing"),
};

/** What may be done about those who are in the way of a step. */
export const blockerOptions = {
  cancelBlockersAfter: duration(
    "--cancel-blockers-after <time>",
    "cancel what is in the way of a step for this long; never without it",
  ),
};

/** Options that say how hard a backfill may work. */
export const backfillOptions = {
  workers: wholeNumber("--workers <n>", "sessions a backfill works with at once (default 1)", 1, maxWorkers),
  maxRate: wholeNumber("--max-rate <rows>", "rows a second that a backfill does at most", 1, 100_000_000),
  batchTime: duration("--batch-time <time>", "how long a batch of a backfill should take (default 250ms)"),
};

/** Settings of backfills from the options. */
export function backfillSettings(options: OptionValues<typeof backfillOptions>): BackfillSettings {
  const { workers, maxRate, batchTime } = options;
  return {
    ...defaultBackfillSettings,
    ...(workers === undefined ? {} : { workers }),
    ...(maxRate === undefined ? {} : { maxRate }),
    ...(batchTime === undefined ? {} : { targetMs: batchTime }),
  };
}

/** Owners depend on who made a database, so they are compared when that is asked for. */
export const ownersOption = flag("--owners", "compare who owns what as well (default: as configured, else not)");

/** Renames that are said rather than asked about. */
export const renameOption = repeated(
  "--rename <old=new>",
  "what was renamed, not dropped and added: users.mail=users.email, mood.sad=mood.low",
  (pair) => pair.includes("="),
  "old=new",
);

const scopePattern = (flags: string, description: string) =>
  list(flags, description, isScopePattern, `patterns such as ${scopePatternForm}`);

/** What a comparison is about. */
export const scopeOptions = {
  include: scopePattern("--include <patterns>", "only objects that match: table:app.*, schema:crm, *.orders"),
  exclude: scopePattern("--exclude <patterns>", "leave objects alone that match"),
  strict: flag("--strict", "refuse when something is not modelled"),
};

/** The scope from the options; the names are the use cases' own. */
export function scopeFlags({ include, exclude, strict }: OptionValues<typeof scopeOptions>) {
  return {
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(strict === undefined ? {} : { strict }),
  };
}

/** Gate settings from the options; the names are the use cases' own. */
export function gateFlags(options: OptionValues<typeof gateOptions>) {
  const { maxRisk, allowDestructive, failOn } = options;
  return {
    ...(maxRisk === undefined ? {} : { maxRisk }),
    ...(allowDestructive === undefined ? {} : { allowDestructive }),
    ...(failOn === undefined ? {} : { failOn }),
  };
}

/** What the catalog holds and the graph does not model, on stderr: the two sides of a diff, or one schema. */
export function noteUnmodelled(output: Output, ...sides: readonly (readonly { kind: string; name: string }[])[]): void {
  const seen = new Map(sides.flat().map((object) => [JSON.stringify([object.kind, object.name]), object]));
  output.note(renderUnmodelled([...seen.values()]));
}

/** Drop and add pairs that look like renames, on stderr, with the flag that says so. */
export function noteRenames(
  output: Output,
  candidates: readonly { readonly old: string; readonly new: string }[],
): void {
  if (candidates.length === 0) return;
  output.note([
    line(
      span(
        `${plural(candidates.length, "drop and add looks", "drops and adds look")} like a rename; say so with:`,
        "warn",
      ),
    ),
    ...candidates.map((candidate) =>
      line("  ", outside(commandLine`--rename ${`${candidate.old}=${candidate.new}`}`, "accent")),
    ),
  ]);
}

/** A comparison as JSON: sizes instead of whole graphs. */
export function diffDocument({ before, after, changes, steps, candidates, unmodelled }: DiffResult) {
  return {
    sizes: { before: graphSize(before), after: graphSize(after) },
    changes,
    operations: steps(),
    renameCandidates: candidates,
    unmodelled,
  };
}

/** A script as it is, or as the one member of a JSON document. */
export function showScript(output: Output, sql: string): void {
  if (output.json) output.result({ sql });
  else output.document(sql);
}
