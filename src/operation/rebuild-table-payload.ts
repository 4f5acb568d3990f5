/** The payload of rebuildTable, and how one is made from the table as it is and the columns it is to have. Emits nothing. */
import * as v from "valibot";
import { toolError } from "../base/errors.ts";
import {
  belongingsByOwner,
  childrenByParent,
  columnsOfTable,
  objectsOfKind,
  type SchemaGraph,
} from "../model/graph.ts";
import { type ObjectId, objectId, objectName, referencesOf, ruleOf, tableId } from "../model/kinds.ts";
import {
  type Column,
  checkSchema,
  columnSchema,
  foreignKeySchema,
  indexSchema,
  limits,
  policySchema,
  primaryKeySchema,
  rowSecuritySchema,
  ruleSchema,
  type SchemaObject,
  type Table,
  tableSchema,
  triggerSchema,
  uniqueSchema,
} from "../model/object.ts";
import { artifactTagPattern } from "../sql/artifact.ts";
import { generatedSequenceName, quoteIdent } from "../sql/identifier.ts";
import { inWords, withMembers } from "./place.ts";
import { expressionMember } from "./sql/assignments.ts";
import { converted } from "./sql/converted.ts";

const { name } = columnSchema.entries;
const list = <S extends v.GenericSchema>(item: S) => v.pipe(v.array(item), v.maxLength(limits.listLength));
const part = v.variant("kind", [
  primaryKeySchema,
  uniqueSchema,
  checkSchema,
  indexSchema,
  foreignKeySchema,
  rowSecuritySchema,
  policySchema,
  triggerSchema,
  ruleSchema,
]);

const tag = v.pipe(v.string(), v.regex(artifactTagPattern, "eight hexadecimal digits"));

export type RebuiltPart = v.InferOutput<typeof part>;

export const rebuildTablePayload = v.strictObject({
  table: tableSchema,
  /** the columns in their new order; `value` is what a row gets from the old one, absent for generated ones */
  columns: v.pipe(
    v.array(v.strictObject({ column: columnSchema, value: v.optional(expressionMember) })),
    v.minLength(1),
    v.maxLength(limits.listLength),
  ),
  /** everything that is on the table, as it reads with the new columns */
  parts: list(part),
  /** foreign keys of other tables that refer to it */
  referring: list(foreignKeySchema),
  /** sequences that belong to its columns and stay what they are */
  sequences: list(v.strictObject({ name, column: name })),
  /** sequences of identity columns: the new ones go on where these stand */
  identities: list(v.strictObject({ column: name, sequence: name })),
  /** the columns of a primary key or unique constraint that tell rows apart */
  key: v.pipe(v.array(name), v.minLength(1)),
  /** tells the old table, which is kept, from what other steps set aside: eight hexadecimal digits */
  id: tag,
  /** the same of the rebuild that this one is the way back of, or that is its way back */
  supersedes: tag,
});

export type RebuildTable = v.InferOutput<typeof rebuildTablePayload>;

const partKinds = new Set<string>(part.options.map(({ entries }) => entries.kind.literal));

/**
 * The payload that rebuilds a table of `graph` with other columns; they have the names of those that are there.
 * @param text how a part reads with the new columns, where that is known
 * @throws ToolError not_supported when the table has no key, or is one of several
 */
export function rebuiltTable(
  graph: SchemaGraph,
  table: Table,
  columns: readonly Column[],
  tags: Pick<RebuildTable, "id" | "supersedes">,
  text: (part: SchemaObject) => SchemaObject | undefined = () => undefined,
): RebuildTable {
  const own = tableId(table.schema, table.name);
  if (table.partitionBy ?? table.partitionOf ?? table.inherits)
    throw refusal(table, "it is partitioned, a partition, or inherits from another table");
  const old = new Map(columnsOfTable(graph, table.schema, table.name).map((column) => [column.name, column]));
  const hanging = childrenByParent(graph).get(own) ?? [];
  const strange = [
    // Grants are read from the old table when the new one takes its place.
    ...hanging.filter(({ kind }) => kind !== "column" && kind !== "grant" && !partKinds.has(kind)),
    ...usersOutside(graph, own, hanging),
  ];
  if (strange.length > 0) {
    const names = strange.map((object) => `${ruleOf(object.kind).label} ${objectName(object)}`);
    throw refusal(table, `what is on it or reads it would not come along: ${names.join(", ")}`);
  }
  const parts = hanging
    .filter((object): object is RebuiltPart => partKinds.has(object.kind))
    .map((object) => (text(object) ?? object) as RebuiltPart);
  const keys = parts.filter((object) => object.kind === "primaryKey" || object.kind === "unique");
  const overlapping = keys.find(({ withoutOverlaps }) => withoutOverlaps);
  if (overlapping !== undefined)
    throw refusal(
      table,
      `the index of ${quoteIdent(overlapping.name)}, a key without overlaps, cannot be built while it is in use`,
    );
  const key = [...keys.filter(({ kind }) => kind === "primaryKey"), ...keys].find(
    ({ columns: names, deferrable }) => !deferrable && names.every((one) => old.get(one)?.notNull),
  );
  if (key === undefined)
    throw refusal(table, "it has no primary key and no unique constraint over NOT NULL columns that is not deferrable");
  const belongings = belongingsByOwner(graph);
  return {
    table,
    columns: columns.map((column) => {
      const before = old.get(column.name);
      const made = withMembers(column, { position: undefined });
      if (before === undefined || column.generated !== undefined) return { column: made };
      return { column: made, value: converted(before, column.name, column.type) };
    }),
    parts,
    referring: objectsOfKind(graph, "foreignKey").filter(
      ({ schema, table: from, references }) =>
        references.schema === table.schema &&
        references.table === table.name &&
        (schema !== table.schema || from !== table.name),
    ),
    sequences: [...old.values()].flatMap((column) =>
      (belongings.get(objectId(column)) ?? []).flatMap((object) =>
        object.kind === "sequence" ? [{ name: object.name, column: column.name }] : [],
      ),
    ),
    identities: [...old.values()].flatMap(({ name: column, identity }) =>
      identity === undefined
        ? []
        : [{ column, sequence: identity.sequence ?? generatedSequenceName(table.name, column) }],
    ),
    key: key.columns,
    ...tags,
  };
}

/** Who reads the table or a column of it from outside: it would go on with the old one. */
function usersOutside(graph: SchemaGraph, own: ObjectId, hanging: readonly SchemaObject[]): SchemaObject[] {
  const inside = new Set([own, ...hanging.map(objectId)]);
  const targets = new Set([own, ...hanging.filter(({ kind }) => kind === "column").map(objectId)]);
  return [...graph.objects.values()].filter(
    (object) =>
      object.kind !== "foreignKey" &&
      object.kind !== "grant" &&
      !inside.has(objectId(object)) &&
      referencesOf(object).some((target) => targets.has(target)),
  );
}

function refusal(table: Table, why: string): Error {
  return toolError({
    code: "not_supported",
    what: `cannot rebuild ${inWords(table.schema, table.name)} while it is in use`,
    why,
    state: "nothing was written",
    next: "generate the migration without --rebuild for this table",
  });
}
