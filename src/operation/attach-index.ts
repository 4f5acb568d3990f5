/** attachIndex: makes the index or key of a partition the part of its parent's; when all have theirs, the parent's is valid. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { columnSchema, type SchemaObject } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { qualified } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation } from "./define.ts";
import { partInWords, partPlace, tableOfPart } from "./part.ts";
import { indexIsAttached } from "./sql/partition.ts";

const { schema, table, name } = columnSchema.entries;
const kind = v.picklist(["primaryKey", "unique", "index"]);

const payload = v.strictObject({
  of: kind,
  ...partPlace,
  to: v.strictObject({ kind, schema, table, name }),
});

type AttachIndex = v.InferOutput<typeof payload>;

export const attachIndex = defineOperation<"attachIndex", AttachIndex>({
  kind: "attachIndex",
  family: "index & constraint",
  product: false,
  summary: "make a partition's index or key the part of its parent's",
  base: "low",
  reasons: [],
  payload,
  on: ["alter index.attachedTo", "alter primaryKey.attachedTo", "alter unique.attachedTo"],
  closing: true,
  claims: (change) => {
    if (change.type !== "alter" || !("attachedTo" in change.after) || change.after.attachedTo === undefined)
      return undefined;
    if ("attachedTo" in change.before && change.before.attachedTo !== undefined) return undefined;
    const { kind: of, schema, table, name, attachedTo: to } = change.after;
    return { of, schema, table, name, to };
  },
  describe: (op) => `${partInWords(op)} to ${partInWords(op.to)}`,
  emit: (op) => {
    const [index, parent] = [qualified(op.schema, op.name), qualified(op.to.schema, op.to.name)];
    const sql = `alter index ${parent} attach partition ${index}`;
    const on = [index, parent, tableOfPart(op), tableOfPart(op.to)];
    return [{ ...together(statement(sql, "access exclusive", on)), done: indexIsAttached(op, op.to) }];
  },
  invert: () => ({ reversible: false, why: "Postgres takes an index from its parent's only by dropping one of them" }),
  predict: (op, graph) => {
    const object = graph.objects.get(idOf(op));
    return object === undefined ? [] : [{ put: { ...object, attachedTo: op.to } as SchemaObject }];
  },
  risks: () => [finding("low", undefined, "queries of the partition wait for a moment")],
  examples: [
    {
      name: "an index",
      before: `create table events (at date) partition by range (at);
        create table events_1 partition of events for values from ('2024-01-01') to ('2025-01-01');
        create index events_at on only events (at); create index one_at on events_1 (at)`,
      op: {
        of: "index",
        schema: "public",
        table: "events_1",
        name: "one_at",
        to: { kind: "index", schema: "public", table: "events", name: "events_at" },
      },
      after: `create table events (at date) partition by range (at);
        create table events_1 partition of events for values from ('2024-01-01') to ('2025-01-01');
        create index events_at on only events (at); create index one_at on events_1 (at);
        alter index events_at attach partition one_at`,
      notFromDiff: true,
    },
    {
      name: "a primary key, quoted names",
      before: `create schema "S"; create table "S"."T" (id int not null) partition by hash (id);
        create table "S"."P" partition of "S"."T" for values with (modulus 1, remainder 0);
        alter table only "S"."T" add constraint "T key" primary key (id); alter table "S"."P" add constraint "P key" primary key (id)`,
      op: {
        of: "primaryKey",
        schema: "S",
        table: "P",
        name: "P key",
        to: { kind: "primaryKey", schema: "S", table: "T", name: "T key" },
      },
      after: `create schema "S"; create table "S"."T" (id int not null) partition by hash (id);
        create table "S"."P" partition of "S"."T" for values with (modulus 1, remainder 0);
        alter table only "S"."T" add constraint "T key" primary key (id); alter table "S"."P" add constraint "P key" primary key (id);
        alter index "S"."T key" attach partition "S"."P key"`,
    },
    {
      name: "a unique constraint to a unique index",
      before: `create table t (id int) partition by list (id); create table t_1 partition of t for values in (1);
        create unique index t_id on only t (id); alter table t_1 add constraint t_1_id unique (id)`,
      op: {
        of: "unique",
        schema: "public",
        table: "t_1",
        name: "t_1_id",
        to: { kind: "index", schema: "public", table: "t", name: "t_id" },
      },
      after: `create table t (id int) partition by list (id); create table t_1 partition of t for values in (1);
        create unique index t_id on only t (id); alter table t_1 add constraint t_1_id unique (id);
        alter index t_id attach partition t_1_id`,
    },
  ],
});

function idOf(op: AttachIndex): ObjectId {
  return op.of === "index" ? makeId(op.of, op.schema, op.name) : makeId(op.of, op.schema, op.table, op.name);
}
