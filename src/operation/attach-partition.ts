/** attachPartition: makes a table a partition of another one. Its rows are proven to fit before the parent is touched. */
import * as v from "valibot";
import { getObject } from "../model/graph.ts";
import { makeId, type ObjectId, tableId } from "../model/kinds.ts";
import { type SchemaObject, type Table, tableSchema } from "../model/object.ts";
import { type Finding, finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { type Segment, type Statement, statement, together } from "../sql/statement.ts";
import { defineOperation } from "./define.ts";
import { mergedNotNulls } from "./inherited-not-null.ts";
import { onTablePlace } from "./part.ts";
import { attachPayload, detachPartitionOperation } from "./partition-place.ts";
import { inWords, tablePlace } from "./place.ts";
import { boundCheckName, hasCheck, hasValidCheck, partitionIsAttached } from "./sql/partition.ts";
import { either } from "./sql/question.ts";

const { name } = tableSchema.entries;
const keyKind = v.picklist(["primaryKey", "unique", "index"]);
const table = v.strictObject(onTablePlace);

const payload = v.strictObject({
  ...tablePlace,
  to: table,
  bound: v.string(),
  /** the bound as a condition on rows: where a valid check says so, ATTACH reads none of them */
  proof: v.optional(v.string()),
  /** keys and indexes of the table that are attached to those of the parent along with it */
  keys: v.optional(v.array(v.strictObject({ kind: keyKind, name, to: v.strictObject({ kind: keyKind, name }) }))),
  /** foreign keys of the table that become part of the parent's */
  foreignKeys: v.optional(v.array(name)),
  /** tables that the parent's foreign keys refer to: they are locked as well */
  references: v.optional(v.array(table)),
  /** the parent's default partition: it is locked and read for rows that belong to the new one */
  default: v.optional(table),
  /** the parent has an exclusion constraint: its index is built along with it, whatever the table has */
  builds: v.optional(v.literal(true)),
});

type AttachPartition = v.InferOutput<typeof payload>;

export const attachPartition = defineOperation<"attachPartition", AttachPartition>({
  kind: "attachPartition",
  family: "alter",
  product: false,
  summary: "make a table a partition, its rows proven to fit beforehand",
  base: "low",
  baseNote: "medium where its rows or those of a default partition are read under a lock",
  reasons: [],
  payload,
  on: ["alter table.partitionOf"],
  closing: true,
  claims: (change, { before, after }) => {
    if (change.type !== "alter" || change.after.kind !== "table" || change.after.partitionOf === undefined)
      return undefined;
    return attachPayload(before, after, change.after, change.after.partitionOf);
  },
  absorbs: (op, change) => {
    const keys = op.keys ?? [];
    if (change.type === "drop") {
      if (change.before.kind === "notNull") return change.before.table === op.name;
      return change.before.kind === "foreignKey" && (op.foreignKeys ?? []).includes(change.before.name);
    }
    if (change.type !== "alter" || change.attribute !== "attachedTo") return false;
    const { kind, name: changed } = change.after as { kind: string; name: string };
    return keys.some((key) => key.kind === kind && key.name === changed);
  },
  describe: (op) => `${inWords(op.schema, op.name)} to ${inWords(op.to.schema, op.to.table)}`,
  emit: (op, context) =>
    op.proof === undefined || context.isFresh(tableId(op.schema, op.name))
      ? [{ ...together(...attach(op)), done: attached(op) }]
      : proven(op, op.proof),
  invert: (op, before) => {
    const partition: Table = {
      kind: "table",
      schema: op.schema,
      name: op.name,
      partitionOf: { ...op.to, bound: op.bound },
    };
    const old = getObject(before, "table", tableId(op.schema, op.name));
    const detach = detachPartitionOperation(before, { ...old, ...partition });
    return detach === undefined
      ? { reversible: false, why: "what it was like before is not known" }
      : { reversible: true, operations: [detach] };
  },
  predict: (op, graph) => {
    const partition = getObject(graph, "table", tableId(op.schema, op.name));
    if (partition === undefined) return [];
    return [
      { put: { ...partition, partitionOf: { ...op.to, bound: op.bound } } },
      ...mergedNotNulls(graph, op, op.to),
      ...(op.keys ?? []).flatMap((key) => {
        const object = graph.objects.get(keyId(key.kind, op.schema, op.name, key.name));
        return object === undefined
          ? []
          : [{ put: { ...object, attachedTo: { ...op.to, ...key.to } } as SchemaObject }];
      }),
      ...(op.foreignKeys ?? []).map((key) => ({ drop: makeId("foreignKey", op.schema, op.name, key) })),
    ];
  },
  risks: (op, facts) => {
    const place = { schema: op.schema, table: op.name };
    const findings: Finding[] = [];
    if (facts.isFresh(tableId(op.schema, op.name))) {
      findings.push(finding("safe", undefined, "the partition is made in the same migration"));
    } else if (op.proof === undefined) {
      const why = "no check can state this bound: its rows are read while nobody can read or write them";
      findings.push(sizedFinding(facts, place, "medium", undefined, why));
    } else {
      const why = "its rows are checked while writes go on; then the parent takes it over without reading them";
      findings.push(sizedFinding(facts, place, "low", undefined, why));
    }
    if (op.default !== undefined) {
      const why = "the default partition is locked, and read for rows that belong here";
      findings.push(sizedFinding(facts, op.default, "medium", undefined, why));
    }
    return findings;
  },
  examples: [
    {
      name: "by range, with a proof",
      before: `create table events (at date not null, what text) partition by range (at);
        create table events_2024 (at date not null, what text)`,
      op: {
        schema: "public",
        name: "events_2024",
        to: { schema: "public", table: "events" },
        bound: "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        proof: "at is not null and at >= '2024-01-01' and at < '2025-01-01'",
      },
      after: `create table events (at date not null, what text) partition by range (at);
        create table events_2024 (at date not null, what text);
        alter table events attach partition events_2024 for values from ('2024-01-01') to ('2025-01-01')`,
    },
    {
      name: "by list, with keys and a foreign key, beside a default partition, quoted names",
      before: `create table "K" (id int primary key);
        create table "P" (a text not null, k int constraint fk references "K", primary key (a)) partition by list (a);
        create table rest partition of "P" default;
        create table "P x" (a text not null, k int constraint fk references "K", constraint "P x key" primary key (a))`,
      op: {
        schema: "public",
        name: "P x",
        to: { schema: "public", table: "P" },
        bound: "FOR VALUES IN ('x', 'it''s')",
        proof: "a is not null and a in ('x', 'it''s')",
        keys: [{ kind: "primaryKey", name: "P x key", to: { kind: "primaryKey", name: "P_pkey" } }],
        foreignKeys: ["fk"],
        references: [{ schema: "public", table: "K" }],
        default: { schema: "public", table: "rest" },
      },
      after: `create table "K" (id int primary key);
        create table "P" (a text not null, k int constraint fk references "K", primary key (a)) partition by list (a);
        create table rest partition of "P" default;
        create table "P x" (a text not null, k int, constraint "P x key" primary key (a));
        alter table "P" attach partition "P x" for values in ('x', 'it''s')`,
    },
    {
      name: "by hash",
      before: `create table t (id int) partition by hash (id); create table t_1 (id int)`,
      op: {
        schema: "public",
        name: "t_1",
        to: { schema: "public", table: "t" },
        bound: "FOR VALUES WITH (modulus 2, remainder 1)",
      },
      after: `create table t (id int) partition by hash (id);
        create table t_1 partition of t for values with (modulus 2, remainder 1)`,
    },
  ],
});

function keyId(kind: "primaryKey" | "unique" | "index", schema: string, table: string, key: string): ObjectId {
  return kind === "index" ? makeId(kind, schema, key) : makeId(kind, schema, table, key);
}

function attached(op: AttachPartition) {
  return partitionIsAttached({ schema: op.schema, table: op.name }, op.to, op.bound);
}

/** ATTACH PARTITION, with its locks taken beforehand, each in the mode it needs, the parent's first. */
function attach(op: AttachPartition): Statement[] {
  const [parent, child] = [qualified(op.to.schema, op.to.table), qualified(op.schema, op.name)];
  const lock = (at: { schema: string; table: string }, mode: "access exclusive" | "share row exclusive"): Statement => {
    const on = qualified(at.schema, at.table);
    return statement(`lock table only ${on} in ${mode} mode`, mode, [on]);
  };
  return [
    // A key of the table's own gives up its triggers on the other side when it becomes part of the parent's.
    ...(op.references ?? []).map((at) => lock(at, op.foreignKeys ? "access exclusive" : "share row exclusive")),
    statement(`lock table only ${parent} in share update exclusive mode`, "share update exclusive", [parent]),
    ...(op.default === undefined ? [] : [lock(op.default, "access exclusive")]),
    statement(`alter table ${parent} attach partition ${child} ${op.bound}`, "access exclusive", [child], scanOf(op)),
  ];
}

function scanOf(op: AttachPartition): "instant" | "scan" {
  return op.proof === undefined || op.builds ? "scan" : "instant";
}

function proven(op: AttachPartition, proof: string): Segment[] {
  const at = { schema: op.schema, table: op.name };
  const child = qualified(op.schema, op.name);
  const check = quoteIdent(boundCheckName);
  const done = attached(op);
  return [
    {
      ...together(
        statement(`alter table ${child} add constraint ${check} check (${proof}) not valid`, "access exclusive", [
          child,
        ]),
      ),
      done: either(hasCheck(at, boundCheckName), done),
    },
    {
      ...together(
        statement(`alter table ${child} validate constraint ${check}`, "share update exclusive", [child], "scan"),
      ),
      done: either(hasValidCheck(at, boundCheckName), done),
    },
    {
      ...together(
        ...attach(op),
        statement(`alter table ${child} drop constraint ${check}`, "access exclusive", [child]),
      ),
      done,
    },
  ];
}
