/** renameType: another name for an enum, a domain, a composite or a range type. A rename is said, not guessed. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { rangeTypeSchema } from "../model/object.ts";
import { type ObjectRename, typeKinds } from "../model/renamed-object.ts";
import { finding } from "../risk/levels.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { alsoMember } from "./also.ts";
import { defineOperation, type Inversion } from "./define.ts";
import { editsOfObjectRename, renamingBack } from "./object-rename.ts";
import { inWords } from "./place.ts";

const { schema, name } = rangeTypeSchema.entries;

const payload = v.strictObject({
  type: v.picklist(typeKinds),
  schema,
  from: name,
  to: name,
  /** the names of a range type's multirange type, before and after, where that changes as well */
  multirange: v.optional(v.strictObject({ from: name, to: name })),
  also: alsoMember,
});

type RenameType = v.InferOutput<typeof payload>;

export const renameType = defineOperation<"renameType", RenameType>({
  kind: "renameType",
  family: "types & sequences",
  product: false,
  summary: "give a type another name",
  base: "medium",
  reasons: [],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) => `${inWords(op.schema, op.from)} to ${quoteIdent(op.to)}`,
  emit: (op) => {
    const alter = (word: string, from: string, to: string) =>
      statement(`alter ${word} ${qualified(op.schema, from)} rename to ${quoteIdent(to)}`);
    return [
      together(
        alter(op.type === "domain" ? "domain" : "type", op.from, op.to),
        ...(op.multirange === undefined ? [] : [alter("type", op.multirange.from, op.multirange.to)]),
      ),
    ];
  },
  invert: (op, before): Inversion => {
    const { multirange } = op;
    const back = multirange && { from: multirange.to, to: multirange.from };
    const { type, schema, from: to, to: from } = op;
    return renamingBack(before, asRename(op), asRename({ type, schema, from, to, multirange: back }), op.also);
  },
  predict: (op, graph) => editsOfObjectRename(graph, asRename(op), op.also),
  risks: (op, facts) => [
    facts.isFresh(makeId(op.type, op.schema, op.from))
      ? finding("safe", undefined, "the type is made in the same migration")
      : finding(
          "medium",
          undefined,
          `what says ${inWords(op.schema, op.from)} fails from then on, bodies of functions that are kept as text among it`,
        ),
    ...(op.type === "rangeType"
      ? [
          finding(
            "medium",
            undefined,
            `the functions that make its values keep their names: ${inWords(op.schema, op.from)}(…) is called as before, ${inWords(op.schema, op.to)}(…) is not there`,
          ),
        ]
      : []),
  ],
  examples: [
    {
      name: "an enum under a column, a view and a function",
      before: `create type mood as enum ('sad', 'ok'); create table users (mood mood default 'ok', moods mood[]);
        create view sad as select mood from users where mood = 'sad';
        create function worst(m mood) returns mood language plpgsql as $$ begin return 'sad'::mood; end $$;
        grant execute on function worst(mood) to current_user`,
      op: { type: "enum", schema: "public", from: "mood", to: "feeling" },
      after: `create type feeling as enum ('sad', 'ok'); create table users (mood feeling default 'ok', moods feeling[]);
        create view sad as select mood from users where mood = 'sad';
        create function worst(m feeling) returns feeling language plpgsql as $$ begin return 'sad'::mood; end $$;
        grant execute on function worst(feeling) to current_user`,
      renames: ["mood=feeling"],
    },
    {
      name: "a domain with a check and a comment, quoted names",
      before: `create schema "App"; create domain "App"."Mail" as text constraint "At" check (value like '%@%');
        comment on domain "App"."Mail" is 'Mail'; create table users (mail "App"."Mail" default 'a@b')`,
      op: { type: "domain", schema: "App", from: "Mail", to: "E-Mail" },
      after: `create schema "App"; create domain "App"."E-Mail" as text constraint "At" check (value like '%@%');
        comment on domain "App"."E-Mail" is 'Mail'; create table users (mail "App"."E-Mail" default 'a@b')`,
      renames: ['type:"App"."Mail"="App"."E-Mail"'],
    },
    {
      name: "a composite type within another",
      before:
        "create type point2 as (x int, y int); create type line2 as (a point2, b point2); create table t (l line2, p point2[])",
      op: { type: "compositeType", schema: "public", from: "point2", to: "place" },
      after:
        "create type place as (x int, y int); create type line2 as (a place, b place); create table t (l line2, p place[])",
      renames: ["point2=place"],
    },
    {
      name: "a range type and its multirange",
      before: "create type span as range (subtype = date); create table t (a span, b span_multirange)",
      op: {
        type: "rangeType",
        schema: "public",
        from: "span",
        to: "period_of",
        multirange: { from: "span_multirange", to: "period_of_multirange" },
      },
      after:
        "create type period_of as range (subtype = date, multirange_type_name = period_of_multirange); create table t (a period_of, b period_of_multirange)",
      renames: ["span=period_of"],
    },
  ],
});

function asRename(op: RenameType): ObjectRename {
  const { type: of, schema, from, to, multirange } = op;
  return { of, schema, from, to, ...(multirange === undefined ? {} : { multirange }) };
}
