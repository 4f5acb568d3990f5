/** renameSchema: another name for a schema, with all that is in it. Never claimed from a diff: a rename is said, not guessed. */
import * as v from "valibot";
import { schemaId } from "../model/kinds.ts";
import { schemaSchema } from "../model/object.ts";
import type { ObjectRename } from "../model/renamed-object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { alsoMember } from "./also.ts";
import { defineOperation } from "./define.ts";
import { editsOfObjectRename, renamingBack } from "./object-rename.ts";

const { name } = schemaSchema.entries;

const payload = v.strictObject({ from: name, to: name, also: alsoMember });

type RenameSchema = v.InferOutput<typeof payload>;

export const renameSchema = defineOperation<"renameSchema", RenameSchema>({
  kind: "renameSchema",
  family: "schemas & comments",
  product: false,
  summary: "give a schema another name; what is in it goes along",
  base: "medium",
  reasons: [],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) => `${quoteIdent(op.from)} to ${quoteIdent(op.to)}`,
  emit: (op) => [together(statement(`alter schema ${quoteIdent(op.from)} rename to ${quoteIdent(op.to)}`))],
  invert: (op, before) => renamingBack(before, asRename(op), { ...asRename(op), from: op.to, to: op.from }, op.also),
  predict: (op, graph) => editsOfObjectRename(graph, asRename(op), op.also),
  risks: (op, facts) => [
    facts.isFresh(schemaId(op.from))
      ? finding("safe", undefined, "the schema is made in the same migration")
      : finding(
          "medium",
          undefined,
          `what says ${quoteIdent(op.from)} fails from then on: statements, settings of search_path, bodies of functions that are kept as text`,
        ),
  ],
  examples: [
    {
      name: "with tables, a sequence, a type and what refers to them from elsewhere",
      before: `create schema app; create type app.mood as enum ('sad', 'ok');
        create table app.users (id serial primary key, mood app.mood default 'ok', app int);
        create table posts (author int references app.users, mood app.mood);
        create view happy as select u.id, u.app from app.users u where u.mood = 'ok';
        create index moods on app.users (mood) where mood <> 'sad'; grant usage on schema app to public;
        grant select on app.users to public; comment on schema app is 'app'`,
      op: { from: "app", to: "core" },
      after: `create schema core; create type core.mood as enum ('sad', 'ok');
        create table core.users (id serial primary key, mood core.mood default 'ok', app int);
        create table posts (author int references core.users, mood core.mood);
        create view happy as select u.id, u.app from core.users u where u.mood = 'ok';
        create index moods on core.users (mood) where mood <> 'sad'; grant usage on schema core to public;
        grant select on core.users to public; comment on schema core is 'app'`,
      renames: ["app=core"],
    },
    {
      name: "with functions, a trigger and a policy, quoted names",
      before: `create schema "The App"; create table "The App".t (a int);
        create function "The App".f() returns trigger language plpgsql as $$ begin insert into "The App".t values (1); return new; end $$;
        create function one(x "The App".t) returns int language sql return x.a;
        create trigger tr before insert on "The App".t for each row execute function "The App".f();
        create policy own on "The App".t using (one(t) > 0)`,
      op: { from: "The App", to: "Core" },
      after: `create schema "Core"; create table "Core".t (a int);
        create function "Core".f() returns trigger language plpgsql as $$ begin insert into "The App".t values (1); return new; end $$;
        create function one(x "Core".t) returns int language sql return x.a;
        create trigger tr before insert on "Core".t for each row execute function "Core".f();
        create policy own on "Core".t using (one(t) > 0)`,
      renames: ['schema:"The App"="Core"'],
    },
    {
      name: "with partitions, default privileges and a domain",
      before: `create schema a; create schema b; create domain a.d as int check (value > 0);
        create table a.t (x a.d not null) partition by range (x); create table b.t1 partition of a.t for values from (1) to (5);
        alter default privileges in schema a grant select on tables to public`,
      op: { from: "a", to: "c" },
      after: `create schema c; create schema b; create domain c.d as int check (value > 0);
        create table c.t (x c.d not null) partition by range (x); create table b.t1 partition of c.t for values from (1) to (5);
        alter default privileges in schema c grant select on tables to public`,
      renames: ["a=c"],
    },
  ],
});

function asRename(op: RenameSchema): Extract<ObjectRename, { of: "schema" }> {
  return { of: "schema", from: op.from, to: op.to };
}
