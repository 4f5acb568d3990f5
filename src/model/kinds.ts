/**
 * What the generic parts (diff, order, rendering) need to know about each kind of object: its identity, its parent, what
 * it refers to and which names it takes. They read this table and never branch on a kind themselves.
 */
import { generatedSequenceName, qualified, quoteIdent } from "../sql/identifier.ts";
import { attachedPath, dividedChanges } from "./divided.ts";
import { endsComparison, endsExpressions } from "./ended-by-type.ts";
import { foreignRules } from "./foreign-kinds.ts";
import { grantRules } from "./grant.ts";
import { idPath } from "./ids.ts";
import { plainKeyColumns } from "./index-keys.ts";
import { inSchema, inTable, onTable, relation, relationOf, schemaOf } from "./kind-names.ts";
import type { KindRule, ObjectId } from "./kind-rule.ts";
import type { ObjectKind, ObjectOf, SchemaObject } from "./object.ts";
import { ownerRules } from "./owner.ts";
import { publicationRule } from "./publication-kind.ts";
import { routineRules } from "./routine-kinds.ts";
import { indexKey, storageRules } from "./storage-kinds.ts";
import { textSearchRules } from "./text-search-kinds.ts";
import { convertedColumn, isRebuilt, typeRules } from "./type-kinds.ts";

export type { ObjectId } from "./kind-rule.ts";

const columnsOf = (object: {
  schema: string;
  table: string;
  columns: readonly string[];
  include?: readonly string[] | undefined;
}): ObjectId[] =>
  [...object.columns, ...(object.include ?? [])].map((name) => columnId(object.schema, object.table, name));
const tableOf = (object: { schema: string; table: string }): ObjectId => tableId(object.schema, object.table);
const constraint = (object: { schema: string; table: string; name: string }): string =>
  `constraint:${idPath(inTable(object))}`;

/** The columns of a table that are unique together, in whatever order. */
const keyOf = (object: { schema: string; table: string; columns: readonly string[] }): string =>
  `key:${idPath([object.schema, object.table])}(${object.columns.map(quoteIdent).sort().join(", ")})`;

/** Whether a key or index has to give way to a new one: everything but its comment and its place needs that. */
const replaced = (_before: unknown, _after: unknown, attributes: readonly string[]): boolean =>
  attributes.some((name) => name !== "comment" && name !== "tablespace");

/** Whether all of `part` occurs in `whole`, in the same order. */
export function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const item of whole) if (item === part[at]) at++;
  return at === part.length;
}

/**
 * Whether a generated column can be altered: SET EXPRESSION exists from 17 and DROP EXPRESSION since 13 for stored ones;
 * a plain column never becomes a generated one in place.
 */
function generationAlterable(before: ObjectOf<"column">, after: ObjectOf<"column">, server: number): boolean {
  if (before.generated === undefined || before.type !== after.type) return false;
  if (after.generated === undefined) return before.generated.storage === "stored";
  // 18 refuses SET EXPRESSION of a virtual column while its table has a check; it holds nothing that remaking could lose.
  return before.generated.storage === "stored" && after.generated.storage === "stored" && server >= 170000;
}

/** The kinds whose objects only a default refers to, never the type of a column. */
const calledKinds: ReadonlySet<ObjectKind> = new Set(["function", "procedure", "aggregate", "sequence"]);

/** A plain column without its default, and without what only a default refers to. */
export function withoutDefault(column: ObjectOf<"column">): ObjectOf<"column"> {
  const { default: _, dependsOn = [], ...rest } = column;
  return { ...rest, dependsOn: dependsOn.filter((id) => !calledKinds.has(kindOfId(id))) };
}

export const kindRules: { readonly [K in ObjectKind]: KindRule<K> } = {
  schema: { label: "schema", address: (o) => `schema ${quoteIdent(o.name)}`, rank: 0, path: (o) => [o.name] },
  extension: {
    label: "extension",
    address: (o) => `extension ${quoteIdent(o.name)}`,
    rank: 1,
    path: (o) => [o.name],
    references: (o) => [schemaOf(o)],
  },
  enum: {
    label: "enum",
    address: (o) => `type ${qualified(o.schema, o.name)}`,
    rank: 2,
    path: inSchema,
    references: (o) => [schemaOf(o)],
    occupies: (o) => [`type:${idPath(inSchema(o))}`],
    disrupts: (before, after) => !isSubsequence(before.values, after.values),
    converts: (_before, _after, user) => convertedColumn(user),
  },
  ...typeRules,
  ...textSearchRules,
  sequence: {
    label: "sequence",
    address: (o) => `sequence ${qualified(o.schema, o.name)}`,
    rank: 3,
    path: inSchema,
    references: (o) => [schemaOf(o)],
    later: "ownedBy",
    owner: (o) => o.ownedBy && columnId(o.schema, o.ownedBy.table, o.ownedBy.column),
    occupies: (o) => [relation(o.schema, o.name)],
  },
  table: {
    label: "table",
    address: (o) => `table ${qualified(o.schema, o.name)}`,
    rank: 4,
    path: inSchema,
    references: (o) => [
      schemaOf(o),
      ...(o.partitionOf ? [tableOf(o.partitionOf)] : []),
      ...(o.inherits ?? []).map(tableOf),
    ],
    occupies: (o) => [relation(o.schema, o.name), `type:${idPath(inSchema(o))}`],
    holdsRows: () => true,
    later: "partitionOf",
    fixed: {
      partitionBy: "a table cannot be divided, undivided or divided in another way once it is there",
    },
  },
  column: {
    label: "column",
    address: (o) => `column ${qualified(o.schema, o.table)}.${quoteIdent(o.name)}`,
    rank: 5,
    path: inTable,
    parent: tableOf,
    occupies: (o) =>
      o.identity ? [relation(o.schema, o.identity.sequence ?? generatedSequenceName(o.table, o.name))] : [],
    unchangeable: ["position", "inherited", "notNullName"],
    remade: (before, after, attributes, server) =>
      attributes.includes("generated") && !generationAlterable(before, after, server),
    disrupts: (_before, _after, attributes) => attributes.includes("type") || attributes.includes("collation"),
    binds: (o, to) => o.generated !== undefined && (to === "column" || isRebuilt(to)),
    holdsRows: (o) => o.generated === undefined,
    released: (o, from) =>
      o.generated === undefined && o.default !== undefined && calledKinds.has(kindOfId(from))
        ? withoutDefault(o)
        : undefined,
  },
  notNull: {
    label: "not null constraint",
    address: (o) => `constraint ${onTable(o)}`,
    rank: 5,
    path: (o) => [o.schema, o.table, o.column],
    parent: tableOf,
    references: (o) => [columnId(o.schema, o.table, o.column)],
    occupies: (o) => [constraint(o)],
  },
  primaryKey: {
    label: "primary key",
    address: (o) => `constraint ${onTable(o)}`,
    rank: 6,
    path: inTable,
    parent: tableOf,
    references: columnsOf,
    provides: (o) => [keyOf(o), indexKey(o)],
    owner: (o) => o.attachedTo && makeId(o.attachedTo.kind, ...attachedPath(o.attachedTo)),
    clings: true,
    later: "attachedTo",
    remade: dividedChanges,
    disrupts: replaced,
    occupies: (o) => [relation(o.schema, o.name), constraint(o), `primary key:${idPath([o.schema, o.table])}`],
  },
  unique: {
    label: "unique constraint",
    address: (o) => `constraint ${onTable(o)}`,
    rank: 7,
    path: inTable,
    parent: tableOf,
    references: columnsOf,
    provides: (o) => [keyOf(o), indexKey(o)],
    owner: (o) => o.attachedTo && makeId(o.attachedTo.kind, ...attachedPath(o.attachedTo)),
    clings: true,
    later: "attachedTo",
    remade: dividedChanges,
    disrupts: replaced,
    occupies: (o) => [relation(o.schema, o.name), constraint(o)],
  },
  check: {
    label: "check constraint",
    address: (o) => `constraint ${onTable(o)}`,
    rank: 8,
    path: inTable,
    parent: tableOf,
    occupies: (o) => [constraint(o)],
    unchangeable: ["inherited"],
    binds: (_, to, before, after) => isRebuilt(to) || endsExpressions(before, after),
  },
  index: {
    label: "index",
    address: (o) => `index ${qualified(o.schema, o.name)}`,
    rank: 9,
    path: inSchema,
    parent: relationOf,
    references: (o) => (o.on === undefined ? columnsOf(o) : []),
    provides: (o) => [indexKey(o), ...(o.unique ? [keyOf({ ...o, columns: plainKeyColumns(o) ?? o.columns })] : [])],
    occupies: (o) => [relation(o.schema, o.name)],
    owner: (o) => o.attachedTo && makeId(o.attachedTo.kind, ...attachedPath(o.attachedTo)),
    clings: true,
    later: "attachedTo",
    // The name is the schema's, so an index of the same name may be on another table now: a new one.
    remade: (before, after, attributes) =>
      attributes.includes("table") || attributes.includes("on") || dividedChanges(before, after, attributes),
    disrupts: replaced,
    binds: (o, to, before, after) =>
      isRebuilt(to) ||
      (endsExpressions(before, after) && (o.dependsOn?.includes(objectId(before)) || !plainKeyColumns(o))),
  },
  foreignKey: {
    label: "foreign key",
    address: (o) => `constraint ${onTable(o)}`,
    rank: 10,
    path: inTable,
    parent: tableOf,
    references: (o) => [
      ...columnsOf(o),
      tableId(o.references.schema, o.references.table),
      ...o.references.columns.map((name) => columnId(o.references.schema, o.references.table, name)),
    ],
    relies: (o) => [keyOf(o.references)],
    occupies: (o) => [constraint(o)],
    binds: (_, to, before, after) =>
      to === "primaryKey" || to === "unique" || to === "index" || endsComparison(before, after),
  },
  ...storageRules,
  rowSecurity: { label: "row level security", rank: 11, path: (o) => [o.schema, o.table], parent: tableOf },
  policy: {
    label: "policy",
    address: (o) => `policy ${onTable(o)}`,
    rank: 12,
    path: inTable,
    parent: tableOf,
    binds: (_, to) => to === "column" || isRebuilt(to),
  },
  ...routineRules,
  ...foreignRules,
  publication: publicationRule,
  ...grantRules,
  ...ownerRules,
};

/** The rule of an object's kind, typed for any object. */
export function ruleOf(kind: ObjectKind): KindRule<ObjectKind> {
  return kindRules[kind] as unknown as KindRule<ObjectKind>;
}

/** The id of an object. */
export function objectId(object: SchemaObject): ObjectId {
  return `${object.kind}:${objectName(object)}`;
}

/** The qualified name of an object as it reads in SQL and messages, without its kind. */
export function objectName(object: SchemaObject): string {
  const { path, signature, title } = ruleOf(object.kind);
  if (title !== undefined) return title(object);
  return signature === undefined ? idPath(path(object)) : `${idPath(path(object))}(${signature(object)})`;
}

/** An id made from a kind and the parts of a name. */
export function makeId(kind: ObjectKind, ...parts: readonly string[]): ObjectId {
  return `${kind}:${idPath(parts)}`;
}

export const schemaId = (name: string): ObjectId => makeId("schema", name);
export const tableId = (schema: string, name: string): ObjectId => makeId("table", schema, name);
export const columnId = (schema: string, table: string, name: string): ObjectId =>
  makeId("column", schema, table, name);

/** The id of a routine by its kind, its name and the types of its arguments. */
export function routineId(kind: ObjectKind, schema: string, name: string, argumentTypes: string): ObjectId {
  return `${makeId(kind, schema, name)}(${argumentTypes})`;
}

/** The kind an id names. */
export function kindOfId(id: ObjectId): ObjectKind {
  return id.slice(0, id.indexOf(":")) as ObjectKind;
}

/** The name part of an id: what a message shows. */
export function nameOfId(id: ObjectId): string {
  return id.slice(id.indexOf(":") + 1);
}

/** The id of the object this one is a part of. */
export function parentId(object: SchemaObject): ObjectId | undefined {
  return ruleOf(object.kind).parent?.(object);
}

/** The id of the object a reader looks for this one under, if not under its own name. */
export function modelId(object: SchemaObject): ObjectId | undefined {
  const { model, parent } = ruleOf(object.kind);
  return (model ?? parent)?.(object);
}

/** Ids of everything an object refers to: its structure's, its parent's and its expressions'. */
export function referencesOf(object: SchemaObject): ObjectId[] {
  const rule = ruleOf(object.kind);
  const parent = rule.parent?.(object);
  return [...(parent ? [parent] : []), ...(rule.references?.(object) ?? []), ...(object.dependsOn ?? [])];
}

/** Keys of what an object makes possible without being named by who uses it. */
export function providedBy(object: SchemaObject): readonly string[] {
  return ruleOf(object.kind).provides?.(object) ?? [];
}

/** Keys of what an object cannot be without although it does not name who provides it. */
export function reliesOn(object: SchemaObject): readonly string[] {
  return ruleOf(object.kind).relies?.(object) ?? [];
}

/** The id of the object this one was given to, if any. */
export function ownerId(object: SchemaObject): ObjectId | undefined {
  return ruleOf(object.kind).owner?.(object);
}

/** Keys of the name spaces an object occupies. */
export function occupiedNames(object: SchemaObject): readonly string[] {
  return ruleOf(object.kind).occupies?.(object) ?? [];
}
