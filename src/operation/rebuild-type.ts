/**
 * rebuildType: another base type for a domain, other attributes for a composite type, another range or collation. A new one
 * is made, every column is converted in place, and the old one goes. Never drops a column.
 */
import { groupBy } from "../base/ordered.ts";
import { type GraphEdit, getObject, type SchemaGraph } from "../model/graph.ts";
import { columnId, makeId, type ObjectId, objectId, objectName, parentId } from "../model/kinds.ts";
import type { Column, Domain, DomainCheck, SchemaObject } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { rewriteFinding } from "../risk/size.ts";
import { asInput } from "../sql/expression.ts";
import { qualified } from "../sql/identifier.ts";
import { together } from "../sql/statement.ts";
import { staysComparable } from "../sql/type-change.ts";
import { type ClaimContext, defineOperation, type Inversion, operation, type SingleChange } from "./define.ts";
import { refuseInPartitionKey } from "./partition-key.ts";
import { inWords, withMembers } from "./place.ts";
import { rebuildTypeExamples } from "./rebuild-type-examples.ts";
import { type RebuildType, rebuildTypePayload } from "./rebuild-type-payload.ts";
import { isPartOfReplacement, isReplaced } from "./replacement.ts";
import { formerGrants, grantsMember, isGrantOn, restoredEdits } from "./restored-grants.ts";
import { commentStatements } from "./sql/comment.ts";
import { type ConvertedColumn, conversionStatements, convertedColumnsOf } from "./sql/converted-columns.ts";
import { columnsOfEnum, keysBetween, touches } from "./sql/enum.ts";
import { restoringStatements } from "./sql/grant.ts";
import { ownerStatement } from "./sql/owner.ts";
import { conversion, isInArrays, isRebuild, oldNameOf, putAside } from "./sql/rebuilt-type.ts";
import { addStagedAtOnce, dropStaged } from "./sql/staged-constraint.ts";
import { createTypeStatements, dropMadeType, type MadeType } from "./sql/types.ts";

export const rebuildType = defineOperation<"rebuildType", RebuildType>({
  kind: "rebuildType",
  family: "types & sequences",
  product: false,
  summary: "change what a domain, composite type, range or collation is by making it anew",
  base: "high",
  baseNote: "blocked when a table that uses it is too large to be rewritten, low when no column uses it",
  reasons: ["changes_column_type", "rebuilds_table"],
  payload: rebuildTypePayload,
  on: [
    "alter domain.*",
    "alter domain.comment",
    "alter domain.notNull",
    "create domainCheck",
    "alter domainCheck.*",
    "alter domainCheck.comment",
    "alter domainCheck.notValid",
    "alter compositeType.*",
    "alter compositeType.comment",
    "alter rangeType.*",
    "alter rangeType.comment",
    "alter collation.*",
    "alter collation.comment",
  ],
  claims: (change, context) => {
    const found = change.type === "drop" ? undefined : rebuilt(change, context);
    if (found === undefined) return undefined;
    const { before, after } = found;
    const id = objectId(after);
    if (isPartOfAnotherType(id, context)) return undefined;
    const columns = convertedColumns(before, context);
    for (const { schema, table, column: name } of columns)
      refuseInPartitionKey(context.before, { schema, table, name }, "make the type anew of");
    if (columns.some((column) => conversion(column, before, after) === null)) return undefined;
    const kept = (keepsKeys(before, after) ? keysBetween(context.before, columns) : []).filter((key) => {
      const next = getObject(context.after, "foreignKey", objectId(key));
      return next !== undefined && touches(next, columns);
    });
    return {
      type: after,
      replaces: before,
      ...listMember("checks", context.childrenAfter(id).filter(isInlineCheck)),
      columns,
      ...listMember("foreignKeys", kept),
      ...grantsMember(after, context),
    };
  },
  absorbs: (op, change) => {
    if (isPartOfReplacement(op.type, op.replaces, change) || isGrantOn(objectId(op.type), change)) return true;
    const object = change.type === "drop" ? change.before : change.after;
    if (object.kind !== "domainCheck" || parentId(object) !== objectId(op.type)) return false;
    return change.type !== "create" || !object.notValid;
  },
  describe: (op) => inWords(op.type.schema, op.type.name),
  emit: (op, { server }) => {
    const keys = op.foreignKeys ?? [];
    return [
      together(
        ...putAside(op.replaces),
        ...createTypeStatements(op.type, op.checks),
        ...keys.flatMap(dropStaged),
        ...conversionStatements(op.columns, (column) => conversion(column, op.replaces, op.type) ?? undefined, asInput),
        ...keys.flatMap((key) => [addStagedAtOnce(key), ...commentStatements(key)]),
        dropMadeType({ kind: op.replaces.kind, schema: op.replaces.schema, name: oldNameOf(op.replaces) }),
        ...(op.owner === undefined ? [] : [ownerStatement(op.type, op.owner)]),
        ...restoringStatements(op.grants ?? [], server),
      ),
    ];
  },
  invert,
  predict: (op, graph) => [
    ...checksOf(graph, objectId(op.type)).map((check) => ({ drop: objectId(check) })),
    { put: op.type },
    ...(op.checks ?? []).map((put) => ({ put })),
    ...op.columns.flatMap((column) => withDefault(graph, column)),
    ...restoredEdits(graph, objectId(op.type), op.grants),
  ],
  risks: (op, facts) => {
    if (op.columns.length === 0) return [finding("low", undefined, "no column uses it: nothing is converted")];
    const tables = groupBy(op.columns, (column) => qualified(column.schema, column.table));
    const message =
      op.type.kind === "collation"
        ? "values compare in another order from then on, also in indexes and ORDER BY"
        : "every value is converted; fails if one of them has no place in the new type";
    return [
      finding("high", "changes_column_type", message),
      ...[...tables.values()].map((list) => {
        const first = list[0] as ConvertedColumn;
        const where = inWords(first.schema, first.table);
        return rewriteFinding(
          facts,
          first,
          "high",
          `rewrites ${where} and its indexes while nobody can read or write it`,
        );
      }),
    ];
  },
  examples: rebuildTypeExamples,
});

function isMade(object: SchemaObject): object is MadeType {
  const { kind } = object;
  return kind === "domain" || kind === "compositeType" || kind === "rangeType" || kind === "collation";
}

/** The two forms of what has to be made anew because of a change, if anything has. */
function rebuilt(
  change: Exclude<SingleChange, { type: "drop" }>,
  context: ClaimContext,
): { before: MadeType; after: MadeType } | undefined {
  if (change.after.kind === "domainCheck") return uncheckable(change.after, context);
  if (change.type !== "alter" || !isMade(change.before) || !isMade(change.after)) return undefined;
  if (isRebuild(change.before, change.after)) return { before: change.before, after: change.after };
  return uncheckable(change.after, context);
}

/** A domain that gets a check or NOT NULL although arrays of it are in tables, where nothing but columns is in the way. */
function uncheckable(object: SchemaObject, context: ClaimContext): { before: Domain; after: Domain } | undefined {
  const name = object.kind === "domainCheck" ? object.domain : object.kind === "domain" ? object.name : undefined;
  if (name === undefined || !("schema" in object)) return undefined;
  const id = makeId("domain", object.schema, name);
  const before = getObject(context.before, "domain", id);
  const after = getObject(context.after, "domain", id);
  if (before === undefined || after === undefined || isRebuild(before, after)) return undefined;
  if (!needsOldValues(object, context) || !isInArrays(context.before, after)) return undefined;
  const users = new Set([id, ...uses(context.before, before).map(objectId)]);
  for (const other of context.before.objects.values()) {
    const plain = other.kind === "column" && other.generated === undefined;
    if (!plain && other.kind !== "domainCheck" && other.dependsOn?.some((target) => users.has(target)))
      return undefined;
  }
  return { before, after };
}

/** Whether what changes has to hold for values that are there already. */
function needsOldValues(object: SchemaObject, context: ClaimContext): boolean {
  if (object.kind === "domain") {
    return object.notNull === true && getObject(context.before, "domain", objectId(object))?.notNull !== true;
  }
  if (object.kind !== "domainCheck" || object.notValid) return false;
  const old = getObject(context.before, "domainCheck", objectId(object));
  return old === undefined || isReplaced(old, object);
}

/** Whether foreign keys can be taken off and put back in the same transaction; others are dropped and added by themselves. */
function keepsKeys(before: MadeType, after: MadeType): boolean {
  if (before.kind === "domain" && after.kind === "domain") return staysComparable(before.type, after.type);
  return before.kind === "collation";
}

function isInlineCheck(object: SchemaObject): object is DomainCheck {
  return object.kind === "domainCheck" && !object.notValid;
}

function checksOf(graph: SchemaGraph, id: ObjectId): DomainCheck[] {
  const found: DomainCheck[] = [];
  for (const object of graph.objects.values()) {
    if (object.kind === "domainCheck" && parentId(object) === id) found.push(object);
  }
  return found;
}

/** Whether a type that stays is made of it: columns of that one cannot be converted in the same way. */
function isPartOfAnotherType(id: ObjectId, context: ClaimContext): boolean {
  for (const [otherId, other] of context.after.objects) {
    if (otherId !== id && isMade(other) && other.dependsOn?.includes(id) && context.before.objects.has(otherId)) {
      return true;
    }
  }
  return false;
}

/** Whether a column's values are of the type, or are compared by the collation. */
function uses(graph: SchemaGraph, type: MadeType): Column[] {
  if (type.kind === "collation") {
    const id = objectId(type);
    return [...graph.objects.values()].filter(
      (object): object is Column =>
        object.kind === "column" && object.collation !== undefined && object.dependsOn?.includes(id) === true,
    );
  }
  const many = type.kind === "rangeType" ? columnsOfEnum(graph, { schema: type.schema, name: type.multirange }) : [];
  return [...columnsOfEnum(graph, type), ...many];
}

/** Columns that use it before and after; generated ones are made anew. A default that changes as well is left to its own operation. */
function convertedColumns(before: MadeType, context: ClaimContext): ConvertedColumn[] {
  const columns = uses(context.before, before).flatMap((column): Column[] => {
    const id = objectId(column);
    const after = getObject(context.after, "column", id);
    const same = after?.type === column.type && after.collation === column.collation;
    if (after === undefined || !same || (column.generated ?? after.generated)) return [];
    return [context.alters(id, "default") ? withMembers(column, { default: undefined }) : column];
  });
  return convertedColumnsOf(context.before, columns);
}

function listMember<K extends string, T>(key: K, list: readonly T[]): { [P in K]?: T[] } {
  return (list.length > 0 ? { [key]: list } : {}) as { [P in K]?: T[] };
}

function withDefault(graph: SchemaGraph, place: ConvertedColumn): GraphEdit[] {
  const column = getObject(graph, "column", columnId(place.schema, place.table, place.column));
  return column === undefined ? [] : [{ put: withMembers(column, { default: place.default }) }];
}

function invert(op: RebuildType, before: SchemaGraph): Inversion {
  const id = objectId(op.replaces);
  const type = before.objects.get(id);
  if (type === undefined || !isMade(type)) return { reversible: false, why: "what it was like before is not known" };
  const columns = convertedColumnsOf(
    before,
    uses(before, type).filter((column) => column.generated === undefined),
  );
  if (columns.some((column) => conversion(column, op.type, type) === null)) {
    return { reversible: false, why: "no conversion back is known that keeps every value" };
  }
  for (const object of before.objects.values()) {
    if (!object.dependsOn?.includes(id) || parentId(object) === id) continue;
    if (object.kind === "column" && object.generated === undefined) continue;
    return { reversible: false, why: `${objectName(object)} mentions it in an expression and would be in the way` };
  }
  const checks = checksOf(before, id);
  return {
    reversible: true,
    operations: [
      operation("rebuildType", {
        type,
        replaces: op.type,
        ...listMember("checks", checks.filter(isInlineCheck)),
        columns,
        ...listMember("foreignKeys", keysBetween(before, columns)),
        ...formerGrants(before, id),
      }),
      ...checks.filter((check) => check.notValid).map((check) => operation("addDomainCheck", { check })),
    ],
    ...(columns.length > 0 && type.kind !== "collation"
      ? { loses: "what the new form of the values does not keep" }
      : {}),
  };
}
