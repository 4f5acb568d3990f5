/** What can be known of a step whose effect the schema does not show: by its row in the ledger, and by what it ran. Reads only. */
import { firstLine } from "../base/text.ts";
import type { Session } from "../pg/session.ts";
import type { PlannedStep } from "../risk/plan.ts";
import { isWritten, writtenOutcome } from "../run/written-outcome.ts";
import type { Effect, KnownOutcome } from "./resolve-plan.ts";

/** Longest line of a statement that is shown, in characters. */
const lineLength = 100;

export interface KnownStep {
  readonly catalog: Effect;
  readonly known?: KnownOutcome;
}

/** Judges a step by its segments and the newest word of the ledger on it. */
export async function knownOf(session: Session, step: PlannedStep, ledger: string): Promise<KnownStep> {
  const [segment, more] = step.segments;
  const [first] = segment?.statements ?? [];
  if (segment === undefined || first === undefined || more !== undefined) return { catalog: "not known" };
  const statement = firstLine(first.sql.trim(), lineLength);
  const isBegun = !["not begun", "refused", "rolled_back"].includes(ledger);
  if (!isBegun) {
    const says = ledger === "rolled_back" ? "it is recorded as rolled back" : "it has not been run by zanith";
    return { catalog: "not known", known: { statement, says, fits: "rolled_back" } };
  }
  if (segment.mode === "transaction") {
    const known =
      ledger === "applied"
        ? ({ says: "it committed together with its row in the ledger", fits: "applied" } as const)
        : ({ says: "it commits together with its row, so none of it has taken effect", fits: "rolled_back" } as const);
    return { catalog: "not known", known: { statement, ...known } };
  }
  if (!isWritten(segment)) return { catalog: "not known" };
  const outcome = await writtenOutcome(session, segment);
  switch (outcome.state) {
    case "done":
      return { catalog: "there", known: { statement, says: outcome.says, fits: "applied" } };
    case "remainder":
      return { catalog: "in part", known: { statement, says: `${outcome.what} is left of it`, fits: "rolled_back" } };
    case "runs":
      return {
        catalog: outcome.seen ? "not there" : "not known",
        known: { statement, says: outcome.says, fits: "rolled_back" },
      };
    case "unknown": {
      if (ledger === "failed")
        return { catalog: "not known", known: { statement, says: "the server refused it", fits: "rolled_back" } };
      return { catalog: "not known", known: { statement, says: outcome.says } };
    }
  }
}
