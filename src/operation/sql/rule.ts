/** The SQL of rules. */
import { kindOfId, nameOfId, type ObjectId } from "../../model/kinds.ts";
import type { Rule } from "../../model/object.ts";
import { asInput } from "../../sql/expression.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { type Statement, statement } from "../../sql/statement.ts";
import { type PartPlace, tableOfPart } from "../part.ts";

/**
 * CREATE RULE. OR REPLACE takes any rule of the name, whatever it was for. The server locks the tables that the rule's
 * commands write to while it parses them; that is said by statements of its own.
 */
export function createRuleStatements(rule: Rule, mode: "new" | "replace"): Statement[] {
  const start = mode === "replace" ? "create or replace " : "create ";
  const own = tableOfPart(rule);
  const create = statement(asInput(rule.definition).replace(/^CREATE /, start), "access exclusive", [own]);
  const others = new Set((rule.dependsOn ?? []).flatMap((id) => tableNamed(id) ?? []));
  others.delete(own);
  const lock = (table: string): Statement =>
    statement(`lock table ${table} in row exclusive mode`, "row exclusive", [table]);
  return [...[...others].map(lock), create];
}

/** The table an id names, or that of the column it names, as SQL names it. */
function tableNamed(id: ObjectId): string | undefined {
  const kind = kindOfId(id);
  if (kind === "table") return nameOfId(id);
  return kind === "column"
    ? /^(?:"(?:[^"]|"")+"|[^".]+)\.(?:"(?:[^"]|"")+"|[^".]+)/.exec(nameOfId(id))?.[0]
    : undefined;
}

/** DROP RULE. */
export function dropRuleStatement(rule: PartPlace): Statement {
  const table = tableOfPart(rule);
  return statement(`drop rule ${quoteIdent(rule.name)} on ${table}`, "access exclusive", [table]);
}
