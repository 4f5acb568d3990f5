/** renameTable: another name for a table. Never claimed from a diff by itself: a rename is said, not guessed. */
import * as v from "valibot";
import { editGraph, type SchemaGraph } from "../model/graph.ts";
import { tableId } from "../model/kinds.ts";
import { tableSchema } from "../model/object.ts";
import type { Rename } from "../model/rename.ts";
import { finding } from "../risk/levels.ts";
import { qualified, quoteIdent, serverMadeName } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { alsoMember } from "./also.ts";
import { defineOperation, type Operation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { editsOfRename, namedNotNulls, notNullRenames, textsThatFollow } from "./rename.ts";
import { notNullConstraintsSince } from "./sql/not-null-constraint.ts";

const { schema, name } = tableSchema.entries;

const payload = v.strictObject({ schema, from: name, to: name, also: alsoMember, notNulls: v.optional(v.array(name)) });

type RenameTable = v.InferOutput<typeof payload>;

export const renameTable = defineOperation<"renameTable", RenameTable>({
  kind: "renameTable",
  family: "alter",
  product: true,
  summary: "give a table another name",
  base: "medium",
  reasons: ["rename_table"],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) => `${inWords(op.schema, op.from)} to ${quoteIdent(op.to)}`,
  emit: (op, { server }) => {
    const table = qualified(op.schema, op.from);
    const names = (op.notNulls ?? []).map((column) => ({
      from: serverMadeName(op.from, column, "not_null"),
      to: serverMadeName(op.to, column, "not_null"),
    }));
    return [
      together(
        ...(server < notNullConstraintsSince ? [] : notNullRenames(op.schema, op.from, names)),
        statement(`alter table ${table} rename to ${quoteIdent(op.to)}`, "access exclusive", [table]),
      ),
    ];
  },
  invert: (op, before) => {
    const after = editGraph(before, editsOfRename(before, asRename(op), op.also));
    return { reversible: true, operations: [renameTableOperation(after, before, op.schema, op.to, op.from)] };
  },
  predict: (op, graph) => editsOfRename(graph, asRename(op), op.also),
  risks: (op, facts) => [
    facts.isFresh(tableId(op.schema, op.from))
      ? finding("safe", undefined, "the table is made in the same migration")
      : finding(
          "medium",
          "rename_table",
          `readers and writers that say ${inWords(op.schema, op.from)} fail from then on`,
        ),
  ],
  examples: [
    {
      name: "with identity, keys and a foreign key to it",
      before: `create table users (id int generated always as identity primary key, boss int references users);
        create table posts (author int references users)`,
      op: { schema: "public", from: "users", to: "people", notNulls: ["id"] },
      after: `create table people (id int generated always as identity (sequence name users_id_seq) constraint users_pkey primary key,
          boss int constraint users_boss_fkey references people);
        create table posts (author int constraint posts_author_fkey references people)`,
      renames: ["users=people"],
    },
    {
      name: "with a policy elsewhere that reads it, quoted names",
      before: `create table "User" (id int); create table posts (author int);
        create policy own on posts using (author in (select id from "User"))`,
      op: {
        schema: "public",
        from: "User",
        to: "The People",
        also: [
          {
            kind: "policy",
            schema: "public",
            table: "posts",
            name: "own",
            using: '(author IN ( SELECT "The People".id\n   FROM public."The People"))',
            dependsOn: ['column:public."The People".id', "column:public.posts.author"],
          },
        ],
      },
      after: `create table "The People" (id int); create table posts (author int);
        create policy own on posts using (author in (select id from "The People"))`,
      renames: ['"User"="The People"'],
    },
    {
      name: "with a serial column, an index and row security",
      before: `create table users (id serial, mail text); create index users_mail on users (lower(mail));
        alter table users enable row level security`,
      op: { schema: "public", from: "users", to: "people", notNulls: ["id"] },
      after: `create sequence users_id_seq as int;
        create table people (id int not null default nextval('users_id_seq'), mail text);
        alter sequence users_id_seq owned by people.id;
        create index users_mail on people (lower(mail)); alter table people enable row level security`,
      renames: ["public.users=public.people"],
    },
  ],
});

function asRename(op: RenameTable): Rename {
  return { of: "table", schema: op.schema, from: op.from, to: op.to };
}

/** The operation that renames a table of `before`; `after` tells how the texts that mention it are to read. */
export function renameTableOperation(
  before: SchemaGraph,
  after: SchemaGraph,
  schema: string,
  from: string,
  to: string,
): Operation {
  const also = textsThatFollow(before, after, { of: "table", schema, from, to });
  const notNulls = namedNotNulls(before, { of: "table", schema, from, to });
  return operation("renameTable", {
    schema,
    from,
    to,
    ...(also.length > 0 ? { also } : {}),
    ...(notNulls.length > 0 ? { notNulls } : {}),
  });
}
