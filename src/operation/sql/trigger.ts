/** The SQL of triggers. */
import type { Trigger } from "../../model/object.ts";
import { asInput } from "../../sql/expression.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { type Statement, statement } from "../../sql/statement.ts";
import { type PartPlace, tableOfPart } from "../part.ts";

/** Whether CREATE OR REPLACE can put one trigger in the place of another: constraint triggers can only be made anew (14 to 18). */
export function isReplaceableTrigger(before: Trigger, after: Trigger): boolean {
  return !isConstraint(before) && !isConstraint(after);
}

function isConstraint({ definition }: Trigger): boolean {
  return definition.startsWith("CREATE CONSTRAINT ");
}

/** CREATE TRIGGER. */
export function createTriggerStatement(trigger: Trigger, mode: "new" | "replace"): Statement {
  const start = mode === "replace" ? "create or replace " : "create ";
  const sql = asInput(trigger.definition).replace(/^CREATE /, start);
  return statement(sql, "share row exclusive", [tableOfPart(trigger)]);
}

/** DROP TRIGGER. */
export function dropTriggerStatement(trigger: PartPlace): Statement {
  const table = tableOfPart(trigger);
  return statement(`drop trigger ${quoteIdent(trigger.name)} on ${table}`, "access exclusive", [table]);
}
