/**
 * Checks and foreign keys on tables with rows: added NOT VALID, which reads nothing, and validated in a later transaction,
 * which lets reads and writes go on. In one transaction the strong lock would be kept through the scan.
 */
import type { Check, ForeignKey } from "../../model/object.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { type LockLevel, type Segment, type Statement, statement, together } from "../../sql/statement.ts";
import type { EmitContext } from "../define.ts";
import { type PartPlace, tableIdOfPart, tableOfPart } from "../part.ts";
import { temporaryName } from "../replacement.ts";
import { commentStatements } from "./comment.ts";
import { constraintBody } from "./constraint.ts";
import { constraintExists } from "./constraint-question.ts";
import { either } from "./question.ts";

type Staged = Check | ForeignKey;

/**
 * Adds a constraint. One that takes another's place is added and validated under a name of its own; then the old one goes
 * and the new one gets its name in one transaction. On a table nobody uses yet it is added at once.
 */
export function addStaged(constraint: Staged, replaces: Staged | undefined, context: EmitContext): Segment[] {
  const comments = commentStatements(constraint);
  const fresh = context.isFresh(tableIdOfPart(constraint));
  if (
    constraint.kind === "foreignKey" &&
    constraint.partitioned &&
    replaces === undefined &&
    !constraint.notValid &&
    !constraint.notEnforced
  ) {
    // NOT VALID is refused for the foreign key of a partitioned table up to 17, and its partitions are gone through one by one.
    const done = constraintExists(constraint, constraint.name, "validated", context.server);
    return [
      {
        ...together(
          ...lockParent(constraint, "share row exclusive", context),
          addStagedAtOnce(constraint),
          ...comments,
        ),
        done,
      },
    ];
  }
  if (replaces === undefined) {
    if (fresh) return [together(addStagedAtOnce(constraint), ...comments)];
    return [...stages(constraint, constraint.name, context), ...(comments.length > 0 ? [together(...comments)] : [])];
  }
  const name = temporaryName(constraint.name, "new");
  const rename = `alter table ${tableOfPart(constraint)} rename constraint ${quoteIdent(name)} to ${quoteIdent(constraint.name)}`;
  const validity = constraint.notValid || constraint.notEnforced ? "not validated" : "validated";
  const done = constraintExists(constraint, constraint.name, validity, context.server);
  const swap = together(
    ...dropStaged(replaces),
    statement(rename, "access exclusive", [tableOfPart(constraint)]),
    ...comments,
  );
  return [
    ...stages(constraint, name, context).map((stage) =>
      stage.done === undefined ? stage : { ...stage, done: either(stage.done, done) },
    ),
    { ...swap, done },
  ];
}

/**
 * A check in place of another one under the same name, in tables that have declared it themselves as well: a rename would meet
 * theirs. The old ones go and the new ones come in one transaction, those of what follows first, so that they merge.
 */
export function replaceEverywhere(
  check: Check,
  replaces: Check,
  declared: readonly { readonly schema: string; readonly table: string }[],
  context: EmitContext,
): Segment[] {
  const copies = declared.map((place) => ({ ...check, ...place }));
  const old = [replaces, ...copies.map(({ schema, table }) => ({ schema, table, name: replaces.name }))];
  const isChecked = !check.notValid && !check.notEnforced;
  const swap: Segment = {
    ...together(
      ...old.flatMap((each) => dropStaged(each)),
      ...[...copies].reverse().map((copy) => add(copy, copy.name, !check.notEnforced)),
      add(check, check.name, !check.notEnforced),
      ...commentStatements(check),
    ),
    done: constraintExists(check, check.name, "either", context.server),
  };
  if (!isChecked) return [swap];
  const done = constraintExists(check, check.name, "validated", context.server);
  return [swap, { ...together(validate(check)), done }];
}

/**
 * A foreign key in place of another one under the same name, in one transaction: where partitions have parts of it, those are
 * named after the name it is made with. Rows are checked later unless it is one of a partitioned table (NOT VALID: since 18).
 */
export function replaceAtOnce(key: ForeignKey, replaces: ForeignKey, context: EmitContext): Segment[] {
  const isChecked = !key.notValid && !key.notEnforced;
  const later = isChecked && !key.partitioned;
  const added: Segment = {
    ...together(...dropStaged(replaces), add(key, key.name, later || key.notValid === true), ...commentStatements(key)),
    done: constraintExists(key, key.name, isChecked && !later ? "validated" : "either", context.server),
  };
  if (!later) return [added];
  const done = constraintExists(key, key.name, "validated", context.server);
  return [added, { ...together(validate(key)), done }];
}

function stages(constraint: Staged, name: string, context: EmitContext): Segment[] {
  const added: Segment = {
    ...together(
      ...lockParent(constraint, "share row exclusive", context),
      add(constraint, name, constraint.notEnforced !== true),
    ),
    done: constraintExists(constraint, name, "either", context.server),
  };
  if (constraint.notValid || constraint.notEnforced) return [added];
  const validated = constraintExists(constraint, name, "validated", context.server);
  return [added, { ...together(validate(constraint, name)), done: validated }];
}

function add(constraint: Staged, name: string, notValid: boolean): Statement {
  const sql = `alter table ${tableOfPart(constraint)} add constraint ${quoteIdent(name)} ${constraintBody(constraint)}${notValid ? " not valid" : ""}`;
  const lock = constraint.kind === "foreignKey" ? "share row exclusive" : "access exclusive";
  return statement(sql, lock, tablesOf(constraint), notValid || constraint.notEnforced ? "instant" : "scan");
}

/** Adds a constraint in one statement, which reads every row unless it stays not valid. */
export function addStagedAtOnce(constraint: Staged): Statement {
  return add(constraint, constraint.name, constraint.notValid === true);
}

/** VALIDATE CONSTRAINT: SHARE UPDATE EXCLUSIVE on the table, for a foreign key ROW SHARE on the referenced one. */
export function validate(constraint: Staged, name: string = constraint.name): Statement {
  const sql = `alter table ${tableOfPart(constraint)} validate constraint ${quoteIdent(name)}`;
  return statement(sql, "share update exclusive", tablesOf(constraint), "scan");
}

/**
 * DROP CONSTRAINT of a check or foreign key; a foreign key is also taken off the referenced table. Both are locked by one
 * statement: a writer that comes between two would hold the one and wait for the other.
 */
export function dropStaged(
  constraint: PartPlace & { readonly references?: { readonly schema: string; readonly table: string } },
): Statement[] {
  const tables = tablesOf(constraint);
  return [
    ...lockBoth(tables),
    statement(
      `alter table ${tableOfPart(constraint)} drop constraint ${quoteIdent(constraint.name)}`,
      "access exclusive",
      tables,
    ),
  ];
}

/**
 * NOT ENFORCED of a foreign key (18): its triggers go from both tables, which are locked as for a drop. ENFORCED makes them
 * again and reads every row.
 */
export function alterEnforcement(key: Parameters<typeof dropStaged>[0], enforced: boolean): Statement[] {
  const tables = tablesOf(key);
  const sql = `alter table ${tableOfPart(key)} alter constraint ${quoteIdent(key.name)} ${enforced ? "" : "not "}enforced`;
  return [...lockBoth(tables), statement(sql, "access exclusive", tables, enforced ? "scan" : "instant")];
}

function lockBoth([own, parent]: readonly string[]): Statement[] {
  if (own === undefined || parent === undefined) return [];
  const on = [parent, own];
  return [statement(`lock table only ${parent}, only ${own} in access exclusive mode`, "access exclusive", on)];
}

type MaybeReferring = {
  readonly schema: string;
  readonly table: string;
  readonly references?: { readonly schema: string; readonly table: string };
};

/** The table, then the one it refers to if that is another. */
function tablesOf(constraint: MaybeReferring): string[] {
  const own = tableOfPart(constraint);
  const parent = constraint.references === undefined ? own : tableOfPart(constraint.references);
  return parent === own ? [own] : [own, parent];
}

/**
 * ALTER TABLE locks the table first and the referenced one after it; who deletes rows of the referenced one takes them the
 * other way round, which can deadlock. So the referenced one is locked first, in every operation on foreign keys.
 */
function lockParent(constraint: MaybeReferring, lock: LockLevel, context?: EmitContext): Statement[] {
  if (constraint.references === undefined || context?.isFresh(tableIdOfPart(constraint.references))) return [];
  const parent = tableOfPart(constraint.references);
  if (parent === tableOfPart(constraint)) return [];
  return [statement(`lock table only ${parent} in ${lock} mode`, lock, [parent])];
}
