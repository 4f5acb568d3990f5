/**
 * rebuildEnum: takes values out of an enum type or puts them in another order, by making the type anew and converting
 * every column of it. What mentions the type in an expression has to be out of the way by then.
 */
import * as v from "valibot";
import { groupBy } from "../base/ordered.ts";
import { type GraphEdit, getObject, type SchemaGraph } from "../model/graph.ts";
import {
  columnId,
  isSubsequence,
  makeId,
  type ObjectId,
  objectId,
  objectName,
  withoutDefault,
} from "../model/kinds.ts";
import { type Column, type Enum, enumSchema, type ForeignKey, foreignKeySchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { rewriteFinding } from "../risk/size.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { type ClaimContext, defineOperation, type Inversion, operation } from "./define.ts";
import { refuseInPartitionKey } from "./partition-key.ts";
import { inWords, withMembers } from "./place.ts";
import { isPartOfReplacement, temporaryName } from "./replacement.ts";
import { formerGrants, grantsMember, isGrantOn, restoredEdits, restoredGrants } from "./restored-grants.ts";
import { commentStatements } from "./sql/comment.ts";
import {
  type ConvertedColumn,
  conversionStatements,
  convertedColumn,
  convertedColumnsOf,
} from "./sql/converted-columns.ts";
import {
  columnsOfEnum,
  createEnumStatement,
  dropTypeStatement,
  expressionsWithEnum,
  isOfEnum,
  keysBetween,
  touches,
} from "./sql/enum.ts";
import { restoringStatements } from "./sql/grant.ts";
import { ownerStatement } from "./sql/owner.ts";
import { addStagedAtOnce, dropStaged } from "./sql/staged-constraint.ts";

const payload = v.strictObject({
  /** the type as it will be */
  enum: enumSchema,
  /** the type as it is */
  replaces: enumSchema,
  /** every column of the type or of an array of it; without `default` it has none afterwards */
  columns: v.array(convertedColumn),
  /** foreign keys between such columns: Postgres cannot keep them while one side has the new type and the other has not */
  foreignKeys: v.optional(v.array(foreignKeySchema)),
  ...restoredGrants,
});

type RebuildEnum = v.InferOutput<typeof payload>;

export const rebuildEnum = defineOperation<"rebuildEnum", RebuildEnum>({
  kind: "rebuildEnum",
  family: "types & sequences",
  product: false,
  summary: "remove or reorder the values of an enum type by making it anew",
  base: "high",
  baseNote: "blocked when a table with the type is too large to be rewritten, low when no column is of it",
  reasons: ["narrows_column_type", "rebuilds_table"],
  payload,
  on: ["alter enum.values", "alter enum.comment"],
  claims: (change, context) => {
    if (change.type !== "alter" || change.before.kind !== "enum" || change.after.kind !== "enum") return undefined;
    const { before, after } = change;
    if (isSubsequence(before.values, after.values)) return undefined;
    const columns = convertedColumns(before, context);
    for (const { schema, table, column: name } of columns)
      refuseInPartitionKey(context.before, { schema, table, name }, "make the type anew of");
    const kept = (key: ForeignKey): boolean => {
      const next = getObject(context.after, "foreignKey", objectId(key));
      return next !== undefined && touches(next, columns);
    };
    return {
      enum: after,
      replaces: before,
      columns,
      ...keysMember(keysBetween(context.before, columns).filter(kept)),
      ...grantsMember(after, context),
    };
  },
  absorbs: (op, change) => isPartOfReplacement(op.enum, op.replaces, change) || isGrantOn(objectId(op.enum), change),
  describe: (op) => inWords(op.enum.schema, op.enum.name),
  emit: (op, { server }) => {
    const oldName = temporaryName(op.replaces.name, "old");
    const keys = op.foreignKeys ?? [];
    const rename = `alter type ${qualified(op.replaces.schema, op.replaces.name)} rename to ${quoteIdent(oldName)}`;
    return [
      together(
        statement(rename),
        createEnumStatement(op.enum),
        ...keys.flatMap(dropStaged),
        ...conversionStatements(op.columns, usingText),
        ...keys.flatMap((key) => [addStagedAtOnce(key), ...commentStatements(key)]),
        dropTypeStatement({ schema: op.replaces.schema, name: oldName }),
        ...commentStatements(op.enum),
        ...(op.owner === undefined ? [] : [ownerStatement(op.enum, op.owner)]),
        ...restoringStatements(op.grants ?? [], server),
      ),
    ];
  },
  invert: (op, before) => rebuildingBack(before, makeId("enum", op.enum.schema, op.enum.name), () => op.enum),
  predict: (op, graph) => [
    { put: op.enum },
    ...op.columns.flatMap((column) => withDefault(graph, column)),
    ...restoredEdits(graph, objectId(op.enum), op.grants),
  ],
  risks: (op, facts) => {
    if (op.columns.length === 0) return [finding("low", undefined, "no column is of the type: nothing is converted")];
    const removed = op.replaces.values.filter((value) => !op.enum.values.includes(value));
    const message =
      removed.length > 0
        ? `fails if a row still holds ${removed.map((value) => `'${value}'`).join(", ")}`
        : "values compare in another order from then on, also in indexes and ORDER BY";
    const tables = groupBy(op.columns, (column) => qualified(column.schema, column.table));
    return [
      finding("high", "narrows_column_type", message),
      ...[...tables.values()].map(([first]) =>
        rewriteFinding(
          facts,
          first as ConvertedColumn,
          "high",
          `rewrites ${inWords((first as ConvertedColumn).schema, (first as ConvertedColumn).table)} and its indexes while nobody can read or write it`,
        ),
      ),
    ];
  },
  examples: [
    {
      name: "a value removed, with a column, its default and a comment",
      before: `create type mood as enum ('sad', 'ok', 'happy'); comment on type mood is 'how';
        create table users (id int, mood mood not null default 'ok'); create index users_mood on users (mood)`,
      op: {
        enum: { kind: "enum", schema: "public", name: "mood", values: ["ok", "happy"], comment: "how" },
        replaces: { kind: "enum", schema: "public", name: "mood", values: ["sad", "ok", "happy"], comment: "how" },
        columns: [
          { schema: "public", table: "users", column: "mood", type: "public.mood", default: "'ok'::public.mood" },
        ],
      },
      after: `create type mood as enum ('ok', 'happy'); comment on type mood is 'how';
        create table users (id int, mood mood not null default 'ok'); create index users_mood on users (mood)`,
    },
    {
      name: "values in another order, with an array column, quoted names",
      before: `create schema "App"; create type "App"."Mood" as enum ('a', 'b'); create table "User" ("Moods" "App"."Mood"[] default '{a}', "Mood" "App"."Mood")`,
      op: {
        enum: { kind: "enum", schema: "App", name: "Mood", values: ["b", "a"] },
        replaces: { kind: "enum", schema: "App", name: "Mood", values: ["a", "b"] },
        columns: [
          { schema: "public", table: "User", column: "Mood", type: '"App"."Mood"' },
          {
            schema: "public",
            table: "User",
            column: "Moods",
            type: '"App"."Mood"[]',
            default: `'{a}'::"App"."Mood"[]`,
          },
        ],
      },
      after: `create schema "App"; create type "App"."Mood" as enum ('b', 'a'); create table "User" ("Moods" "App"."Mood"[] default '{a}', "Mood" "App"."Mood")`,
    },
    {
      name: "a value removed, with a key and a foreign key",
      before: `create type mood as enum ('sad', 'ok'); create table moods (mood mood primary key);
        create table users (mood mood constraint known references moods on delete cascade); comment on constraint known on users is 'x'`,
      op: {
        enum: { kind: "enum", schema: "public", name: "mood", values: ["ok"] },
        replaces: { kind: "enum", schema: "public", name: "mood", values: ["sad", "ok"] },
        columns: [
          { schema: "public", table: "moods", column: "mood", type: "public.mood" },
          { schema: "public", table: "users", column: "mood", type: "public.mood" },
        ],
        foreignKeys: [
          {
            kind: "foreignKey",
            schema: "public",
            table: "users",
            name: "known",
            columns: ["mood"],
            references: { schema: "public", table: "moods", columns: ["mood"] },
            onDelete: "cascade",
            comment: "x",
          },
        ],
      },
      after: `create type mood as enum ('ok'); create table moods (mood mood primary key);
        create table users (mood mood constraint known references moods on delete cascade); comment on constraint known on users is 'x'`,
    },
    {
      name: "a value removed, what is granted stays",
      before: `create type mood as enum ('sad', 'ok'); create table users (mood mood); revoke usage on type mood from public;
        grant usage on type mood to pg_monitor with grant option; grant usage on type mood to pg_read_all_data`,
      op: {
        enum: { kind: "enum", schema: "public", name: "mood", values: ["ok"] },
        replaces: { kind: "enum", schema: "public", name: "mood", values: ["sad", "ok"] },
        columns: [{ schema: "public", table: "users", column: "mood", type: "public.mood" }],
        grants: [
          { kind: "grant", on: { kind: "enum", schema: "public", name: "mood" }, to: "pg_monitor", usage: "grantable" },
          { kind: "grant", on: { kind: "enum", schema: "public", name: "mood" }, to: "public", usage: "none" },
        ],
      },
      after: `create type mood as enum ('ok'); create table users (mood mood); revoke usage on type mood from public;
        grant usage on type mood to pg_monitor with grant option`,
    },
    {
      name: "used by nothing, its comment changed",
      before: "create type mood as enum ('sad', 'ok'); comment on type mood is 'old'",
      op: {
        enum: { kind: "enum", schema: "public", name: "mood", values: ["fine"], comment: "new" },
        replaces: { kind: "enum", schema: "public", name: "mood", values: ["sad", "ok"], comment: "old" },
        columns: [],
      },
      after: "create type mood as enum ('fine'); comment on type mood is 'new'",
    },
  ],
});

/** Columns that are of the type before and after; generated ones are made anew. A default that changes as well is left to its own operation. */
function convertedColumns(before: Enum, context: ClaimContext): ConvertedColumn[] {
  const columns = columnsOfEnum(context.before, before).flatMap((column): Column[] => {
    const id = columnId(column.schema, column.table, column.name);
    const after = getObject(context.after, "column", id);
    if (after === undefined || !isOfEnum(after, before) || (column.generated ?? after.generated)) return [];
    return [context.alters(id, "default") ? withMembers(column, { default: undefined }) : column];
  });
  return convertedColumnsOf(context.before, columns);
}

/** Values go by their text: labels that both have are the same. */
function usingText(column: ConvertedColumn): string {
  return `${quoteIdent(column.column)}::${column.type.endsWith("[]") ? "pg_catalog.text[]" : "pg_catalog.text"}::${column.type}`;
}

function keysMember(foreignKeys: ForeignKey[]): { foreignKeys?: ForeignKey[] } {
  return foreignKeys.length > 0 ? { foreignKeys } : {};
}

function withDefault(graph: SchemaGraph, place: ConvertedColumn): GraphEdit[] {
  const column = getObject(graph, "column", columnId(place.schema, place.table, place.column));
  if (column === undefined) return [];
  return [
    { put: place.default === undefined ? withoutDefault(column) : withMembers(column, { default: place.default }) },
  ];
}

/** The inversion that gives an enum the values it had, of a graph before an operation that changes it as `change` does. */
export function rebuildingBack(before: SchemaGraph, id: ObjectId, change: (type: Enum) => Enum): Inversion {
  const type = getObject(before, "enum", id);
  if (type === undefined) return { reversible: false, why: "what it was like before is not known" };
  const [expression] = expressionsWithEnum(before, type);
  if (expression !== undefined) {
    return {
      reversible: false,
      why: `${objectName(expression)} mentions the type in an expression and would be in the way`,
    };
  }
  const columns = convertedColumnsOf(
    before,
    columnsOfEnum(before, type).filter((column) => column.generated === undefined),
  );
  return {
    reversible: true,
    operations: [
      operation("rebuildEnum", {
        enum: type,
        replaces: change(type),
        columns,
        ...keysMember(keysBetween(before, columns)),
        ...formerGrants(before, id),
      }),
    ],
  };
}
