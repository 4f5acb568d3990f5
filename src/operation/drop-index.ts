/** dropIndex: removes an index while reads and writes go on. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, partPlace, placeOfPart, tableIdOfPart } from "./part.ts";
import { remakeAttached } from "./remake.ts";
import { remaking } from "./replacement.ts";
import { dropIndexConcurrently, dropIndexPlainly } from "./sql/build-index.ts";

const payload = v.strictObject({
  ...partPlace,
  /** it is on a partitioned table: those of the partitions go with it, all at once */
  partitioned: v.optional(v.literal(true)),
});

type DropIndex = v.InferOutput<typeof payload>;

export const dropIndex = defineOperation<"dropIndex", DropIndex>({
  kind: "dropIndex",
  family: "index & constraint",
  product: true,
  summary: "remove an index while reads and writes go on",
  base: "medium",
  reasons: ["drops_index"],
  payload,
  on: ["drop index"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "index"
      ? { ...placeOfPart(change.before), ...(change.before.partitioned ? { partitioned: true as const } : {}) }
      : undefined,
  describe: partInWords,
  emit: (op, context) => [
    op.partitioned || context.isFresh(tableIdOfPart(op)) ? together(dropIndexPlainly(op)) : dropIndexConcurrently(op),
  ],
  invert: (op, before) =>
    remaking(before, "index", makeId("index", op.schema, op.name), (index) => [
      operation("addIndex", { index }),
      ...remakeAttached(before, makeId("index", op.schema, op.name)),
    ]),
  predict: (op) => [{ drop: makeId("index", op.schema, op.name) }],
  risks: (op) => [
    finding("medium", "drops_index", "queries that used it get slower plans from then on"),
    ...(op.partitioned
      ? [finding("high", "drops_index", "reads and writes of the table and all its partitions stop for a moment")]
      : []),
  ],
  examples: [
    {
      name: "plain",
      before: "create table users (id int, email text); create index users_email_idx on users (email)",
      op: { schema: "public", table: "users", name: "users_email_idx" },
      after: "create table users (id int, email text)",
    },
    {
      name: "unique, in another schema, quoted names",
      before: `create schema "App"; create table "App"."User" (id int); create unique index "By Id" on "App"."User" (id)`,
      op: { schema: "App", table: "User", name: "By Id" },
      after: `create schema "App"; create table "App"."User" (id int)`,
    },
    {
      name: "of a partitioned table, with that of a partition",
      before: `create table events (at date) partition by range (at);
        create table events_1 partition of events for values from ('2024-01-01') to ('2025-01-01');
        create index events_at on events (at)`,
      op: { schema: "public", table: "events", name: "events_at", partitioned: true },
      after: `create table events (at date) partition by range (at);
        create table events_1 partition of events for values from ('2024-01-01') to ('2025-01-01')`,
    },
    {
      name: "partial, with a comment",
      before:
        "create table users (id int, gone bool); create index users_gone on users (id) where gone; comment on index users_gone is 'old'",
      op: { schema: "public", table: "users", name: "users_gone" },
      after: "create table users (id int, gone bool)",
    },
  ],
});
