/** Unique constraints and primary keys by way of an index built while writes go on. */
import type { PrimaryKey, Unique } from "../../model/object.ts";
import type { Facts } from "../../risk/facts.ts";
import type { Finding } from "../../risk/levels.ts";
import { sizedFinding } from "../../risk/size.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { type Segment, type Statement, statement, together } from "../../sql/statement.ts";
import type { EmitContext } from "../define.ts";
import { tableIdOfPart, tableOfPart } from "../part.ts";
import { temporaryName } from "../replacement.ts";
import { createIndexConcurrently, planOfKeyIndex } from "./build-index.ts";
import { commentStatements } from "./comment.ts";
import { constraintClause, deferral } from "./constraint.ts";
import { constraintExists } from "./constraint-question.ts";
import { indexIsBuilt } from "./index-question.ts";
import { either } from "./question.ts";

/**
 * The key's index first, alone; then the constraint that takes it over without reading a row. A key that takes another's
 * place has its index built under a name of its own, and both constraints change in one transaction: the table is never
 * without one. On a table nobody uses yet the constraint is added at once.
 */
export function addKey(
  key: PrimaryKey | Unique,
  replaces: PrimaryKey | Unique | undefined,
  context: EmitContext,
): Segment[] {
  if (key.withoutOverlaps) {
    // No index that is there can become such a key's (18).
    const drop = replaces === undefined ? [] : [dropConstraint(replaces)];
    const add = `alter table ${tableOfPart(key)} add ${constraintClause(key)}`;
    const added = statement(add, "access exclusive", [tableOfPart(key)], "scan");
    return [together(...drop, added, ...commentStatements(key))];
  }
  if (key.partitioned) {
    const add = `alter table only ${tableOfPart(key)} add ${constraintClause(key)}`;
    const done = constraintExists(key, key.name, "either", context.server);
    return [{ ...together(statement(add, "access exclusive", [tableOfPart(key)]), ...commentStatements(key)), done }];
  }
  if (replaces === undefined && context.isFresh(tableIdOfPart(key))) {
    const add = `alter table ${tableOfPart(key)} add ${constraintClause(key)}`;
    return [together(statement(add, "access exclusive", [tableOfPart(key)], "scan"), ...commentStatements(key))];
  }
  const done = constraintExists(key, key.name, "either", context.server);
  if (replaces === undefined) {
    const add = together(addUsingIndex(key, key.name), ...commentStatements(key));
    return [createIndexConcurrently(planOfKeyIndex(key, key.name)), { ...add, done }];
  }
  const plan = planOfKeyIndex(key, temporaryName(key.name, "new"));
  const swap = together(dropConstraint(replaces), addUsingIndex(key, plan.name), ...commentStatements(key));
  return [createIndexConcurrently(plan, either(indexIsBuilt(plan), done)), { ...swap, done }];
}

/** What a key without overlaps means for a table with rows. */
export function overlapFinding(facts: Facts, key: PrimaryKey | Unique): Finding {
  const message =
    "fails if rows overlap; nobody can read or write the table while its index is built, and there is no way around that";
  return sizedFinding(facts, key, "high", "adds_unique_constraint", message);
}

/** ADD CONSTRAINT … USING INDEX renames the index to the constraint's name. */
function addUsingIndex(key: PrimaryKey | Unique, indexName: string): Statement {
  const type = key.kind === "primaryKey" ? "primary key" : "unique";
  const constraint = `constraint ${quoteIdent(key.name)} ${type} using index ${quoteIdent(indexName)}${deferral(key)}`;
  return statement(`alter table ${tableOfPart(key)} add ${constraint}`, "access exclusive", [tableOfPart(key)]);
}

/** DROP CONSTRAINT of anything but a foreign key, never with CASCADE. */
export function dropConstraint(constraint: {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
}): Statement {
  const table = tableOfPart(constraint);
  return statement(`alter table ${table} drop constraint ${quoteIdent(constraint.name)}`, "access exclusive", [table]);
}
