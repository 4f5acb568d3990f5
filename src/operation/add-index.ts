/** addIndex: builds an index while writes go on; in place of an old one, which serves queries until the new one is ready. */
import * as v from "valibot";
import { plainKeyColumns } from "../model/index-keys.ts";
import { type Index, indexSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { type Segment, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, placeOfPart, tableIdOfPart } from "./part.ts";
import { additionOf, isPartOfReplacement, temporaryName } from "./replacement.ts";
import {
  createIndex,
  createIndexConcurrently,
  createIndexOnly,
  dropIndexConcurrently,
  type IndexPlan,
  planOfIndex,
  renameIndex,
} from "./sql/build-index.ts";
import { commentStatements } from "./sql/comment.ts";
import {
  indexIsThere,
  newIndexIsAlone,
  newIndexIsBuilt,
  newIndexIsInvalid,
  oldIndexIsAside,
} from "./sql/index-question.ts";
import { duplicatesProbe } from "./sql/key-probe.ts";

const payload = v.strictObject({
  index: indexSchema,
  /** the index of the same name that this one takes the place of */
  replaces: v.optional(indexSchema),
});

type AddIndex = v.InferOutput<typeof payload>;

export const addIndex = defineOperation<"addIndex", AddIndex>({
  kind: "addIndex",
  family: "index & constraint",
  product: true,
  summary: "build an index while writes go on",
  base: "low",
  baseNote: "medium when unique; safe on a table of the same migration",
  reasons: ["adds_index", "adds_unique_constraint"],
  payload,
  shares: true,
  on: ["create index", "alter index.*", "alter index.comment"],
  claims: (change) => {
    const addition = additionOf("index", change, () => ["attachedTo", "tablespace"]);
    if (addition === undefined) return undefined;
    const { object, replaces } = addition;
    return { index: object, ...(replaces === undefined ? {} : { replaces }) };
  },
  absorbs: (op, change) => isPartOfReplacement(op.index, op.replaces, change),
  describe: (op) => partInWords(op.index),
  emit: (op, context) => {
    const plan = planOfIndex(op.index);
    const comments = commentStatements(op.index);
    if (op.replaces !== undefined) {
      return [...replacement(plan, op.replaces), ...(comments.length > 0 ? [together(...comments)] : [])];
    }
    if (op.index.partitioned) return [{ ...together(createIndexOnly(plan), ...comments), done: indexIsThere(plan) }];
    if (context.isFresh(tableIdOfPart(op.index))) return [together(createIndex(plan), ...comments)];
    return [createIndexConcurrently(plan), ...(comments.length > 0 ? [together(...comments)] : [])];
  },
  invert: (op) => ({
    reversible: true,
    operations: [
      op.replaces === undefined
        ? operation("dropIndex", { ...placeOfPart(op.index), ...(op.index.partitioned ? { partitioned: true } : {}) })
        : operation("addIndex", { index: op.replaces, replaces: op.index }),
    ],
  }),
  predict: (op) => [{ put: op.index }],
  risks: (op, facts) => {
    if (facts.isFresh(tableIdOfPart(op.index))) {
      return [finding("safe", "adds_index", "the table is made in the same migration")];
    }
    if (op.index.partitioned) {
      return [
        finding(
          "low",
          "adds_index",
          "on the parent alone: the partitions' own indexes are built one by one and attached",
        ),
      ];
    }
    const built = sizedFinding(
      facts,
      op.index,
      "low",
      "adds_index",
      `reads the table twice and waits for older transactions; writes go on${op.replaces === undefined ? "" : ", and the old index serves until then"}`,
    );
    if (!op.index.unique) return [built];
    return [
      built,
      finding("medium", "adds_unique_constraint", "unique: fails on duplicates, and rejects them while it is built"),
    ];
  },
  probes: (op) => {
    const columns = op.index.unique ? plainKeyColumns(op.index) : undefined;
    if (columns === undefined) return [];
    const { schema, table, name, definition } = op.index;
    return [duplicatesProbe({ schema, table, name, columns }, /\) NULLS NOT DISTINCT\b/.test(definition))];
  },
  examples: [
    {
      name: "on one column",
      before: "create table users (id int, email text)",
      op: { index: index("users", "users_email_idx", "btree (email)", ["email"]) },
      after: "create table users (id int, email text); create index users_email_idx on users (email)",
    },
    {
      name: "partial, on an expression, with a comment",
      before: "create table users (id int, email text, active bool)",
      op: {
        index: {
          ...index("users", "users_lower", "btree (lower(email)) WHERE active", []),
          comment: "for logging in",
          dependsOn: ["column:public.users.active", "column:public.users.email"],
        },
      },
      after: `create table users (id int, email text, active bool);
        create index users_lower on users (lower(email)) where active; comment on index users_lower is 'for logging in'`,
    },
    {
      name: "unique with included columns and quoted names",
      before: `create table "User" ("Id" int, "E Mail" text)`,
      op: {
        index: {
          ...index("User", "User E", 'btree ("E Mail" DESC) INCLUDE ("Id")', ["E Mail", "Id"]),
          unique: true,
        },
      },
      after: `create table "User" ("Id" int, "E Mail" text); create unique index "User E" on "User" ("E Mail" desc) include ("Id")`,
    },
    {
      name: "on a partitioned table, with a comment",
      before: "create table events (at date) partition by range (at)",
      op: { index: { ...index("events", "events_at", "btree (at)", ["at"]), partitioned: true, comment: "by day" } },
      after:
        "create table events (at date) partition by range (at); create index events_at on events (at); comment on index events_at is 'by day'",
    },
    {
      name: "in place of one with other columns",
      before: "create table users (id int, email text); create index users_idx on users (email)",
      op: {
        index: index("users", "users_idx", "btree (email, id)", ["email", "id"]),
        replaces: index("users", "users_idx", "btree (email)", ["email"]),
      },
      after: "create table users (id int, email text); create index users_idx on users (email, id)",
    },
    {
      name: "unique in place of a plain one, its comment changed",
      before:
        "create table users (email text); create index users_idx on users (email); comment on index users_idx is 'plain'",
      op: {
        index: { ...index("users", "users_idx", "btree (email)", ["email"]), unique: true, comment: "unique" },
        replaces: { ...index("users", "users_idx", "btree (email)", ["email"]), comment: "plain" },
      },
      after:
        "create table users (email text); create unique index users_idx on users (email); comment on index users_idx is 'unique'",
    },
  ],
});

/** Rename the old index, build the new one under its name, drop the old one: nothing is without an index in between. */
function replacement(plan: IndexPlan, replaced: Index): Segment[] {
  const { schema, table, name, definition, unique } = replaced;
  const old = { oldName: temporaryName(name, "old"), definition, unique: unique === true };
  return [
    { ...together(renameIndex(schema, name, old.oldName)), done: oldIndexIsAside(plan, old) },
    createIndexConcurrently(plan, newIndexIsBuilt(plan, old), newIndexIsInvalid(plan, old)),
    dropIndexConcurrently({ schema, table, name: old.oldName }, newIndexIsAlone(plan, old)),
  ];
}

/** An index of the examples. */
function index(table: string, name: string, definition: string, columns: string[]): Index {
  return { kind: "index", schema: "public", table, name, definition, columns };
}
