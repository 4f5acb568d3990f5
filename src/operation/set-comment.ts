/** setComment: the comment of any object that can carry one. Nothing but people read it. */
import * as v from "valibot";
import { kindRules, type ObjectId, objectId, objectName } from "../model/kinds.ts";
import { columnSchema, type ObjectKind, type SchemaObject } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, withMembers } from "./place.ts";
import { commentStatement } from "./sql/comment.ts";

const { name, comment } = columnSchema.entries;
const commentedKinds = Object.entries(kindRules)
  .filter(([, rule]) => rule.address !== undefined)
  .map(([kind]) => kind as ObjectKind);

const payload = v.strictObject({
  /** the parts of the object's name; `table` or `domain` for what is part of one */
  object: v.strictObject({
    kind: v.picklist(commentedKinds),
    schema: v.optional(name),
    table: v.optional(name),
    domain: v.optional(name),
    name,
    /** the types of a routine's arguments */
    arguments: v.optional(v.string()),
  }),
  /** absent: there was none */
  from: comment,
  /** absent: there will be none */
  to: comment,
});

type SetComment = v.InferOutput<typeof payload>;

export const setComment = defineOperation<"setComment", SetComment>({
  kind: "setComment",
  family: "schemas & comments",
  product: false,
  summary: "set, change or remove the comment of an object",
  base: "safe",
  reasons: [],
  payload,
  shares: true,
  on: ["alter *.comment"],
  incidental: true,
  claims: (change) => {
    if (change.type !== "alter") return undefined;
    const before = commentOf(change.before);
    const after = commentOf(change.after);
    return {
      object: nameOf(change.after),
      ...(before === undefined ? {} : { from: before }),
      ...(after === undefined ? {} : { to: after }),
    };
  },
  describe: ({ object }) => {
    if (object.schema === undefined || object.kind === "extension") return objectName(asObject(object));
    const whole = object.table ?? object.domain;
    const name = inWords(object.schema, ...(whole === undefined ? [] : [whole]), object.name);
    return object.arguments === undefined ? name : `${name}(${object.arguments})`;
  },
  emit: (op) => [together(commentStatement(asObject(op.object), op.to))],
  invert: ({ object, from, to }) => ({
    reversible: true,
    operations: [
      operation("setComment", {
        object,
        ...(to === undefined ? {} : { from: to }),
        ...(from === undefined ? {} : { to: from }),
      }),
    ],
  }),
  predict: (op, graph) => {
    const object = graph.objects.get(idOf(op));
    return object === undefined ? [] : [{ put: withMembers(object, { comment: op.to } as Partial<SchemaObject>) }];
  },
  risks: () => [finding("safe", undefined, "only people read comments")],
  examples: [
    {
      name: "on a table",
      before: "create table users (id int)",
      op: { object: { kind: "table", schema: "public", name: "users" }, to: "people who \\ log 'in'\n\tor out" },
      after: "create table users (id int); comment on table users is E'people who \\\\ log ''in''\\n\\tor out'",
    },
    {
      name: "changed on a column, quoted names",
      before: `create table "User" ("E Mail" text); comment on column "User"."E Mail" is 'old'`,
      op: { object: { kind: "column", schema: "public", table: "User", name: "E Mail" }, from: "old", to: "new" },
      after: `create table "User" ("E Mail" text); comment on column "User"."E Mail" is 'new'`,
    },
    {
      name: "removed from a constraint",
      before: `create table users (id int constraint positive check (id > 0)); comment on constraint positive on users is 'old'`,
      op: { object: { kind: "check", schema: "public", table: "users", name: "positive" }, from: "old" },
      after: "create table users (id int constraint positive check (id > 0))",
    },
    {
      name: "on an index",
      before: "create table users (id int); create index users_id on users (id)",
      op: { object: { kind: "index", schema: "public", table: "users", name: "users_id" }, to: "for look-ups" },
      after:
        "create table users (id int); create index users_id on users (id); comment on index users_id is 'for look-ups'",
    },
    {
      name: "on a policy",
      before: "create table users (id int); create policy all_of_it on users",
      op: { object: { kind: "policy", schema: "public", table: "users", name: "all_of_it" }, to: "for now" },
      after:
        "create table users (id int); create policy all_of_it on users; comment on policy all_of_it on users is 'for now'",
    },
    {
      name: "on a type in another schema",
      before: "create schema app; create type app.mood as enum ('ok')",
      op: { object: { kind: "enum", schema: "app", name: "mood" }, to: "how it goes" },
      after: "create schema app; create type app.mood as enum ('ok'); comment on type app.mood is 'how it goes'",
    },
    {
      name: "on a sequence",
      before: "create sequence numbers",
      op: { object: { kind: "sequence", schema: "public", name: "numbers" }, to: "for invoices" },
      after: "create sequence numbers; comment on sequence numbers is 'for invoices'",
    },
    {
      name: "on a schema",
      before: 'create schema "App"',
      op: { object: { kind: "schema", name: "App" }, to: "all of it" },
      after: `create schema "App"; comment on schema "App" is 'all of it'`,
    },
  ],
});

function commentOf(object: SchemaObject): string | undefined {
  return "comment" in object ? object.comment : undefined;
}

function nameOf(object: SchemaObject): SetComment["object"] {
  const named = object as {
    kind: ObjectKind;
    schema?: string;
    table?: string;
    domain?: string;
    name: string;
    arguments?: string;
  };
  return {
    kind: named.kind,
    ...(named.schema === undefined || named.kind === "extension" ? {} : { schema: named.schema }),
    ...(named.table === undefined ? {} : { table: named.table }),
    ...(named.domain === undefined ? {} : { domain: named.domain }),
    name: named.name,
    ...(named.arguments === undefined ? {} : { arguments: named.arguments }),
  };
}

/** Enough of the object for its address: those read no more than the parts of its name. */
function asObject(object: SetComment["object"]): SchemaObject {
  return object as unknown as SchemaObject;
}

function idOf(op: SetComment): ObjectId {
  return objectId(asObject(op.object));
}
