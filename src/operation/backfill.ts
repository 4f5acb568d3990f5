/** backfill: gives rows values in batches over a key. Asked for by name; a schema says nothing about rows. */
import * as v from "valibot";
import { columnId, tableId } from "../model/kinds.ts";
import { columnSchema } from "../model/object.ts";
import { sizedFinding } from "../risk/size.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { type BatchJob, inBatches, type Segment, statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import {
  assigned,
  assignmentsMember,
  dropHelperTrigger,
  expressionMember,
  fillBody,
  grouped,
  helperName,
  makeHelperTrigger,
} from "./sql/assignments.ts";

const { schema, table, name } = columnSchema.entries;

const payload = v.strictObject({
  schema,
  table,
  /** columns and what they get */
  set: assignmentsMember,
  /** rows it is about; all of them without it */
  where: v.optional(expressionMember),
  /** columns of the key to go by; the primary key, else a unique index over NOT NULL columns, without it */
  key: v.optional(v.pipe(v.array(name), v.minLength(1))),
  /**
   * what is done about rows that are written meanwhile. `sweep`, as without it: the table is gone over again until no row
   * is left. `trigger`: they get their values as they are written, while it lasts. `none`: each row is done exactly once, as
   * it is when its batch comes; the one way for an expression that gives something else each time.
   */
  meanwhile: v.optional(v.picklist(["sweep", "trigger", "none"])),
  /** values that undo it; an empty list where there is nothing to undo, because the columns go */
  reverse: v.optional(v.array(assignmentsMember.pipe[0].item)),
});

type Backfill = v.InferOutput<typeof payload>;

export const backfill = defineOperation<"backfill", Backfill>({
  kind: "backfill",
  family: "recovery & advanced",
  product: true,
  summary: "fill rows in resumable batches over the primary key",
  base: "medium",
  reasons: ["requires_backfill"],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) => `${inWords(op.schema, op.table)} (${op.set.map(({ column }) => quoteIdent(column)).join(", ")})`,
  emit: (op) => segmentsOf(op),
  invert: (op) => {
    const { reverse } = op;
    if (reverse === undefined) return { reversible: false, why: "the values that rows had before are not kept" };
    const [first] = reverse;
    if (first === undefined) return { reversible: true, operations: [] };
    const { key, schema: inSchema, table: of } = op;
    const undo = { schema: inSchema, table: of, set: reverse, reverse: op.set, ...(key === undefined ? {} : { key }) };
    return { reversible: true, operations: [operation("backfill", undo)] };
  },
  writes: (op) => op.set.map(({ column }) => columnId(op.schema, op.table, column)),
  predict: () => [],
  risks: (op, facts) => [
    sizedFinding(
      facts,
      op,
      facts.isFresh(tableId(op.schema, op.table)) ? "low" : "medium",
      "requires_backfill",
      `writes rows in batches; ${coverage[op.meanwhile ?? "sweep"]}`,
    ),
  ],
  examples: [
    {
      name: "every row",
      before: "create table users (id int primary key, first text, last text, full_name text)",
      op: {
        schema: "public",
        table: "users",
        set: [{ column: "full_name", expression: "first || ' ' || last" }],
      },
      after: "create table users (id int primary key, first text, last text, full_name text)",
      notFromDiff: true,
    },
    {
      name: "some rows, new ones by a trigger, with a way back; quoted names and a composite key",
      before: `create schema "App"; create table "App"."Order Lines" ("Order" uuid, line int, "Net" numeric, "Gross" numeric, vat numeric,
        primary key ("Order", line))`,
      op: {
        schema: "App",
        table: "Order Lines",
        set: [
          { column: "Gross", expression: '"Net" * 1.19' },
          { column: "vat", expression: '"Order Lines"."Net" * 0.19 -- rounded when shown' },
        ],
        where: '"Net" is not null',
        key: ["Order", "line"],
        meanwhile: "trigger",
        reverse: [
          { column: "Gross", expression: "null" },
          { column: "vat", expression: "null" },
        ],
      },
      after: `create schema "App"; create table "App"."Order Lines" ("Order" uuid, line int, "Net" numeric, "Gross" numeric, vat numeric,
        primary key ("Order", line))`,
      notFromDiff: true,
    },
    {
      name: "something else for each row",
      before: "create table users (email text not null unique, token uuid)",
      op: {
        schema: "public",
        table: "users",
        set: [{ column: "token", expression: "gen_random_uuid()" }],
        where: "token is null",
        meanwhile: "none",
      },
      after: "create table users (email text not null unique, token uuid)",
      notFromDiff: true,
    },
  ],
});

const coverage: Readonly<Record<NonNullable<Backfill["meanwhile"]>, string>> = {
  sweep: "rows written meanwhile are done by going over the table again until none is left",
  trigger: "rows written meanwhile get their values from a trigger",
  none: "each row is done once, and rows written behind the last batch are not",
};

function segmentsOf(op: Backfill): Segment[] {
  const { schema: inSchema, table: of, set, where, meanwhile = "sweep" } = op;
  const on = qualified(inSchema, of);
  const head = `update ${on} set ${assigned(set)}`;
  const condition = where === undefined ? undefined : grouped(where);
  const job: BatchJob = {
    schema: inSchema,
    table: of,
    ...(op.key === undefined ? {} : { key: op.key }),
    writes: set.map(({ column }) => column),
    head: `${head}\nwhere `,
    ...(condition === undefined ? {} : { where: condition }),
    ...(meanwhile === "none" ? {} : { set }),
    remaining: meanwhile === "sweep" ? "sweep" : "fail",
  };
  const whole = condition === undefined ? head : `${head}\nwhere ${condition}`;
  const batches = inBatches(job, statement(whole, "row exclusive", [on], "scan"));
  if (meanwhile !== "trigger") return [batches];
  const helper = helperName("fill", op, job.writes);
  return [
    together(...makeHelperTrigger(helper, op, "before insert or update", fillBody(op, set, where))),
    batches,
    together(...dropHelperTrigger(helper, op)),
  ];
}
