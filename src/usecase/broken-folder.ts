/** Refuses to run on top of a folder that no longer says what the database went through. */

import { toolError } from "../base/errors.ts";
import { plural } from "../base/text.ts";
import type { LedgerProblem } from "../migration/ledger-check.ts";
import type { State } from "./state.ts";

const advice: Readonly<Record<LedgerProblem["problem"], { readonly why: string; readonly next: string }>> = {
  edited: {
    why: "what ran is recorded with each step and is not what the file says",
    next: "put the file back as it was and make the change in a new migration",
  },
  lost: {
    why: "without its file nobody can read, compare or undo what ran",
    next: "put the file back, from version control for instance",
  },
  "out of order": {
    why: "it would run after migrations that were made later and may not fit what they left",
    next: "give it an id that is newer than all applied ones: its file name and its member id",
  },
};

/** @throws ToolError ledger_mismatch naming the first problem */
export function refuseBrokenFolder({ check: { problems } }: Pick<State, "check">): void {
  const [first] = problems;
  if (first === undefined) return;
  const { why, next } = advice[first.problem];
  const more =
    problems.length > 1 ? ` (and ${plural(problems.length - 1, "more problem")}: zanith migrate status)` : "";
  throw toolError({
    code: "ledger_mismatch",
    what: `the migrations folder does not match the ledger: ${first.message}`,
    why: `${why}${more}`,
    state: "nothing was changed",
    next,
    details: { migration: first.migration, problem: first.problem },
  });
}
