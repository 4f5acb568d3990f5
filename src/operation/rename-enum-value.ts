/** renameEnumValue: another label for a value of an enum. Never claimed from a diff by itself: a rename is said, not guessed. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { enumSchema } from "../model/object.ts";
import type { ObjectRename } from "../model/renamed-object.ts";
import { finding } from "../risk/levels.ts";
import { qualified } from "../sql/identifier.ts";
import { quoteLiteral } from "../sql/literal.ts";
import { statement, together } from "../sql/statement.ts";
import { alsoMember } from "./also.ts";
import { defineOperation } from "./define.ts";
import { editsOfObjectRename, renamingBack } from "./object-rename.ts";
import { inWords } from "./place.ts";

const { schema, name, values } = enumSchema.entries;
const label = values.pipe[0].item;

const payload = v.strictObject({ schema, type: name, from: label, to: label, also: alsoMember });

type RenameEnumValue = v.InferOutput<typeof payload>;

export const renameEnumValue = defineOperation<"renameEnumValue", RenameEnumValue>({
  kind: "renameEnumValue",
  family: "types & sequences",
  product: false,
  summary: "give a value of an enum type another label",
  base: "medium",
  reasons: [],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) => `${quoteLiteral(op.from)} to ${quoteLiteral(op.to)} of ${inWords(op.schema, op.type)}`,
  emit: (op) => {
    const type = qualified(op.schema, op.type);
    return [together(statement(`alter type ${type} rename value ${quoteLiteral(op.from)} to ${quoteLiteral(op.to)}`))];
  },
  invert: (op, before) => renamingBack(before, asRename(op), { ...asRename(op), from: op.to, to: op.from }, op.also),
  predict: (op, graph) => editsOfObjectRename(graph, asRename(op), op.also),
  risks: (op, facts) => [
    facts.isFresh(makeId("enum", op.schema, op.type))
      ? finding("safe", undefined, "the type is made in the same migration")
      : finding(
          "medium",
          undefined,
          `rows that hold ${quoteLiteral(op.from)} read as ${quoteLiteral(op.to)} from then on; what says the old label fails, bodies of functions that are kept as text among it`,
        ),
  ],
  examples: [
    {
      name: "in a default, a check, a view and an array",
      before: `create type mood as enum ('sad', 'ok');
        create table users (mood mood default 'sad' check (mood <> 'sad' or mood = 'ok'), moods mood[] default '{sad,ok}');
        create view sad as select mood from users where mood = 'sad' and mood = any ('{sad}')`,
      op: { schema: "public", type: "mood", from: "sad", to: "un happy" },
      after: `create type mood as enum ('un happy', 'ok');
        create table users (mood mood default 'un happy' check (mood <> 'un happy' or mood = 'ok'), moods mood[] default '{"un happy",ok}');
        create view sad as select mood from users where mood = 'un happy' and mood = any ('{"un happy"}')`,
      renames: ["mood.sad=mood.un happy"],
    },
    {
      name: "in bounds of partitions, quoted names",
      before: `create schema "App"; create type "App"."Mood" as enum ('it''s', 'a\\b', 'c');
        create table users (mood "App"."Mood", note text) partition by list (mood);
        create table users_a partition of users for values in ('it''s', 'a\\b');
        create table users_c partition of users for values in ('c')`,
      op: { schema: "App", type: "Mood", from: "a\\b", to: "it's not" },
      after: `create schema "App"; create type "App"."Mood" as enum ('it''s', 'it''s not', 'c');
        create table users (mood "App"."Mood", note text) partition by list (mood);
        create table users_a partition of users for values in ('it''s', 'it''s not');
        create table users_c partition of users for values in ('c')`,
      renames: [`value:"App"."Mood"."a\\b"="it's not"`],
    },
    {
      name: "in an index, a policy and a function; a text of the same letters stays",
      before: `create type mood as enum ('sad', 'ok'); create table users (mood mood, note text default 'sad');
        create index sad on users (note) where mood = 'sad'; create policy own on users using (mood = 'sad' and note = 'sad');
        create function first(mood default 'sad') returns text language sql as $$ select 'sad' $$`,
      op: { schema: "public", type: "mood", from: "sad", to: "low" },
      after: `create type mood as enum ('low', 'ok'); create table users (mood mood, note text default 'sad');
        create index sad on users (note) where mood = 'low'; create policy own on users using (mood = 'low' and note = 'sad');
        create function first(mood default 'low') returns text language sql as $$ select 'sad' $$`,
      renames: ["public.mood.sad=low"],
    },
  ],
});

function asRename(op: RenameEnumValue): ObjectRename {
  return { of: "enumValue", schema: op.schema, type: op.type, from: op.from, to: op.to };
}
