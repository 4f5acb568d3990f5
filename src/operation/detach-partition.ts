/** detachPartition: makes a partition a table of its own. Claimed by no diff: planning lets tables leave before all else. */
import * as v from "valibot";
import { getObject, type SchemaGraph } from "../model/graph.ts";
import { tableId } from "../model/kinds.ts";
import { foreignKeySchema, type SchemaObject } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { type Segment, type Statement, statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { freedNotNulls } from "./inherited-not-null.ts";
import { onTablePlace, placeOfPart } from "./part.ts";
import { copySchema, dropCopies, nameCopies } from "./partition-copies.ts";
import { attachPartitionOperation } from "./partition-place.ts";
import { inWords, tablePlace, withMembers } from "./place.ts";
import {
  boundCheckName,
  checkIsGone,
  detachIsPending,
  hasCheck,
  hasValidCheck,
  partitionIsFree,
} from "./sql/partition.ts";
import { either } from "./sql/question.ts";

const payload = v.strictObject({
  ...tablePlace,
  from: v.strictObject(onTablePlace),
  /** the bound as a condition on rows: with it nobody is stopped */
  proof: v.optional(v.string()),
  /** foreign keys of the parent, as the table has them for its own from then on */
  foreignKeys: v.optional(v.array(foreignKeySchema)),
  /** copies of constraints of the parent that are made under names of Postgres's choice, and what becomes of them */
  copies: v.optional(v.array(copySchema)),
});

type DetachPartition = v.InferOutput<typeof payload>;

export const detachPartition = defineOperation<"detachPartition", DetachPartition>({
  kind: "detachPartition",
  family: "alter",
  product: false,
  summary: "make a partition a table of its own",
  base: "medium",
  baseNote: "high where the parent has to be locked: a default partition, or a bound that no check can state",
  reasons: [],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) => `${inWords(op.schema, op.name)} from ${inWords(op.from.schema, op.from.table)}`,
  emit: (op, context) =>
    op.proof === undefined || context.isFresh(tableId(op.schema, op.name)) ? [atOnce(op)] : concurrently(op, op.proof),
  invert: (op, before) => {
    const table = getObject(before, "table", tableId(op.schema, op.name));
    if (table?.partitionOf === undefined) return { reversible: false, why: "what its bound was is not known" };
    const kept = (op.copies ?? []).flatMap(({ keep }) => (keep === undefined ? [] : [keep]));
    return {
      reversible: true,
      operations: [
        ...kept.map((copy) => operation(dropKinds[copy.kind], placeOfPart(copy))),
        attachPartitionOperation(before, table, table.partitionOf),
      ],
    };
  },
  predict: (op, graph) => {
    const table = getObject(graph, "table", tableId(op.schema, op.name));
    if (table === undefined) return [];
    const freed = partsOf(graph, op).filter((part) => "attachedTo" in part && part.attachedTo !== undefined);
    return [
      { put: withMembers(table, { partitionOf: undefined }) },
      ...freedNotNulls(partsOf(graph, op)),
      ...freed.map((part) => ({
        put: withMembers(part as SchemaObject & { attachedTo?: unknown }, { attachedTo: undefined }),
      })),
      ...(op.foreignKeys ?? []).map((put) => ({ put })),
      ...(op.copies ?? []).flatMap(({ keep }) => (keep === undefined ? [] : [{ put: keep }])),
    ];
  },
  risks: (op) => [
    op.proof === undefined
      ? finding("high", undefined, "reads and writes of the whole parent stop for a moment")
      : finding("medium", undefined, "reads the partition once while writes go on, then waits for older transactions"),
    finding("medium", undefined, "queries of the parent find its rows no more from then on"),
  ],
  examples: [
    {
      name: "by range, while everybody goes on",
      before: `create table events (at date not null, what text) partition by range (at);
        create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01')`,
      op: {
        schema: "public",
        name: "events_2024",
        from: { schema: "public", table: "events" },
        proof: "at is not null and at >= '2024-01-01' and at < '2025-01-01'",
      },
      after: `create table events (at date not null, what text) partition by range (at);
        create table events_2024 (at date constraint events_at_not_null not null, what text)`,
    },
    {
      name: "beside a default partition, with its index, quoted names",
      before: `create table "Ev" ("At" date) partition by list ("At"); create index "Ev I" on "Ev" ("At");
        create table "Ev 1" partition of "Ev" for values in ('2024-01-01'); create table rest partition of "Ev" default`,
      op: { schema: "public", name: "Ev 1", from: { schema: "public", table: "Ev" } },
      after: `create table "Ev" ("At" date) partition by list ("At"); create index "Ev I" on "Ev" ("At");
        create table rest partition of "Ev" default;
        create table "Ev 1" ("At" date); create index "Ev 1_At_idx" on "Ev 1" ("At")`,
    },
    {
      name: "by hash, with a foreign key of the parent",
      before: `create table users (id int primary key);
        create table posts (id int, author int constraint by_author references users on delete cascade) partition by hash (id);
        create table posts_0 partition of posts for values with (modulus 2, remainder 0)`,
      op: {
        schema: "public",
        name: "posts_0",
        from: { schema: "public", table: "posts" },
        foreignKeys: [
          {
            kind: "foreignKey",
            schema: "public",
            table: "posts_0",
            name: "by_author",
            columns: ["author"],
            references: { schema: "public", table: "users", columns: ["id"] },
            onDelete: "cascade",
          },
        ],
      },
      after: `create table users (id int primary key);
        create table posts (id int, author int constraint by_author references users on delete cascade) partition by hash (id);
        create table posts_0 (id int, author int constraint by_author references users on delete cascade)`,
    },
  ],
});

const dropKinds = { exclusion: "dropExclusion", primaryKey: "dropPrimaryKey", unique: "dropUnique" } as const;

/** The parent is locked before the partition, as DETACH does it. */
function lockParent(parent: string): Statement {
  return statement(`lock table only ${parent} in access exclusive mode`, "access exclusive", [parent]);
}

function atOnce(op: DetachPartition): Segment {
  const [parent, child] = [qualified(op.from.schema, op.from.table), qualified(op.schema, op.name)];
  const detach = statement(`alter table ${parent} detach partition ${child}`, "access exclusive", [parent, child]);
  const at = { schema: op.schema, table: op.name };
  const copies = op.copies ?? [];
  return {
    ...together(
      ...lockReferenced(op),
      ...(copies.length > 0 ? [lockParent(parent)] : []),
      ...nameCopies(at, copies),
      detach,
      ...dropCopies(at, copies),
    ),
    done: partitionIsFree({ schema: op.schema, table: op.name }),
  };
}

/** The keys that are the table's own from then on are made anew, which locks what they refer to. */
function lockReferenced(op: DetachPartition): Statement[] {
  const names = new Set((op.foreignKeys ?? []).map(({ references: to }) => qualified(to.schema, to.table)));
  return [...names]
    .sort()
    .map((name) => statement(`lock table only ${name} in access exclusive mode`, "access exclusive", [name]));
}

/**
 * DETACH … CONCURRENTLY (14 and later) adds a check of its own with the bound unless a valid one implies it already; the one
 * that is made here first, under a known name, can be taken away again.
 */
function concurrently(op: DetachPartition, proof: string): Segment[] {
  const at = { schema: op.schema, table: op.name };
  const [parent, child] = [qualified(op.from.schema, op.from.table), qualified(op.schema, op.name)];
  const name = quoteIdent(boundCheckName);
  const free = partitionIsFree(at);
  const detach = `alter table ${parent} detach partition ${child}`;
  return [
    {
      ...together(
        ...nameCopies(at, op.copies ?? []),
        statement(`alter table ${child} add constraint ${name} check (${proof}) not valid`, "access exclusive", [
          child,
        ]),
      ),
      done: either(hasCheck(at, boundCheckName), free),
    },
    {
      ...together(
        statement(`alter table ${child} validate constraint ${name}`, "share update exclusive", [child], "scan"),
      ),
      done: either(hasValidCheck(at, boundCheckName), free),
    },
    {
      mode: "alone",
      statements: [statement(`${detach} concurrently`, "share update exclusive", [parent, child])],
      done: free,
      leftover: {
        what: `the unfinished detach of ${child} from ${parent}`,
        found: detachIsPending(at),
        remove: [
          { mode: "alone", statements: [statement(`${detach} finalize`, "share update exclusive", [parent, child])] },
        ],
      },
    },
    {
      ...together(
        statement(`alter table ${child} drop constraint ${name}`, "access exclusive", [child]),
        ...dropCopies(at, op.copies ?? []),
      ),
      done: checkIsGone(at, boundCheckName, false),
    },
  ];
}

function partsOf(graph: SchemaGraph, op: DetachPartition): SchemaObject[] {
  return [...graph.objects.values()].filter(
    (part) => "table" in part && part.schema === op.schema && part.table === op.name,
  );
}
