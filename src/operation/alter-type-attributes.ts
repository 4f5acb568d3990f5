/**
 * alterTypeAttributes: attributes of a composite type that come at its end, go, or get another comment, while columns use it.
 * Other types and another order are rebuildType's.
 */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { type CompositeType, compositeTypeSchema } from "../model/object.ts";
import { attributesAlterable } from "../model/type-kinds.ts";
import { type Finding, finding } from "../risk/levels.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { type Statement, statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, withMembers } from "./place.ts";
import { editObject } from "./replacement.ts";
import { attributeComment, attributeText } from "./sql/types.ts";

const { schema, name, attributes, dependsOn } = compositeTypeSchema.entries;

const payload = v.strictObject({
  schema,
  name,
  /** all attributes as they are */
  from: attributes,
  /** all attributes as they will be */
  to: attributes,
  /** what the type refers to afterwards */
  dependsOn,
});

type AlterTypeAttributes = v.InferOutput<typeof payload>;

export const alterTypeAttributes = defineOperation<"alterTypeAttributes", AlterTypeAttributes>({
  kind: "alterTypeAttributes",
  family: "types & sequences",
  product: false,
  summary: "add attributes to a composite type, or drop some",
  base: "low",
  baseNote: "destructive when an attribute goes",
  reasons: ["drops_column_with_data"],
  payload,
  on: ["alter compositeType.attributes"],
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "compositeType" || change.after.kind !== "compositeType") {
      return undefined;
    }
    const { before, after } = change;
    if (!attributesAlterable(before, after)) return undefined;
    const refers = after.dependsOn === undefined ? {} : { dependsOn: after.dependsOn };
    return { schema: after.schema, name: after.name, from: before.attributes, to: after.attributes, ...refers };
  },
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(...statementsOf(op))],
  invert: (op, before) => {
    const type = before.objects.get(idOf(op));
    if (type?.kind !== "compositeType") return { reversible: false, why: "what it was like before is not known" };
    const wanted = { ...type, attributes: op.to };
    if (!attributesAlterable(wanted, type)) {
      return { reversible: false, why: "an attribute that comes back stands at the end of its type" };
    }
    const { dependsOn: _, ...rest } = op;
    const refers = type.dependsOn === undefined ? {} : { dependsOn: type.dependsOn };
    const loses = goneFrom(op.to, op.from).length > 0 || goneFrom(op.from, op.to).length > 0;
    return {
      reversible: true,
      operations: [operation("alterTypeAttributes", { ...rest, from: op.to, to: op.from, ...refers })],
      ...(loses ? { loses: "what columns of the type hold in the attributes that go" } : {}),
    };
  },
  predict: (op, graph) =>
    editObject(graph, "compositeType", idOf(op), (type) =>
      withMembers(type, { attributes: op.to, dependsOn: op.dependsOn }),
    ),
  risks: (op) => risksOf(op),
  examples: [
    {
      name: "one at the end, with a comment, of a type in use",
      before: "create type pair as (a int, b text); create table t (p pair)",
      op: {
        schema: "public",
        name: "pair",
        from: attributesOf("a integer", "b text"),
        to: [...attributesOf("a integer", "b text"), { name: "c", type: "numeric(5,2)", comment: "new" }],
      },
      after:
        "create type pair as (a int, b text, c numeric(5,2)); create table t (p pair); comment on column pair.c is 'new'",
    },
    {
      name: "one goes, one gets another comment, quoted names",
      before: `create schema "App"; create type "App"."Pair" as ("A" int, b text); comment on column "App"."Pair".b is 'x'; create table t (p "App"."Pair"[])`,
      op: {
        schema: "App",
        name: "Pair",
        from: [
          { name: "A", type: "integer" },
          { name: "b", type: "text", comment: "x" },
        ],
        to: [{ name: "b", type: "text", comment: "y" }],
      },
      after: `create schema "App"; create type "App"."Pair" as (b text); comment on column "App"."Pair".b is 'y'; create table t (p "App"."Pair"[])`,
    },
    {
      name: "the last one goes and another comes",
      before: "create type mood as enum ('ok'); create type pair as (a int, b text)",
      op: {
        schema: "public",
        name: "pair",
        from: attributesOf("a integer", "b text"),
        to: attributesOf("a integer", "mood public.mood"),
        dependsOn: [makeId("enum", "public", "mood")],
      },
      after: "create type mood as enum ('ok'); create type pair as (a int, mood mood)",
    },
  ],
});

type Attributes = CompositeType["attributes"];

function idOf(op: AlterTypeAttributes): ObjectId {
  return makeId("compositeType", op.schema, op.name);
}

function goneFrom(list: Attributes, other: Attributes): Attributes {
  return other.filter(({ name }) => !list.some((attribute) => attribute.name === name));
}

/** ALTER TYPE changes no row: a dropped attribute stays in old values unseen, a new one is NULL there (14 to 18). */
function statementsOf(op: AlterTypeAttributes): Statement[] {
  const actions = [
    ...goneFrom(op.to, op.from).map(({ name }) => `drop attribute ${quoteIdent(name)}`),
    ...goneFrom(op.from, op.to).map((attribute) => `add attribute ${attributeText(attribute)}`),
  ];
  const comments = op.to.flatMap(({ name, comment }) => {
    const old = op.from.find((attribute) => attribute.name === name)?.comment;
    return old === comment ? [] : [attributeComment(op, name, comment)];
  });
  const alter = `alter type ${qualified(op.schema, op.name)}`;
  return [...(actions.length > 0 ? [statement(`${alter} ${actions.join(", ")}`)] : []), ...comments];
}

function risksOf(op: AlterTypeAttributes): Finding[] {
  const gone = goneFrom(op.to, op.from);
  const come = goneFrom(op.from, op.to);
  const found: Finding[] = [];
  if (gone.length > 0) {
    found.push(
      finding(
        "destructive",
        "drops_column_with_data",
        `what columns of the type hold in ${gone.map(({ name }) => quoteIdent(name)).join(", ")} is gone`,
      ),
    );
  }
  if (come.length > 0) found.push(finding("low", undefined, "old values hold NULL in the new attribute"));
  return found.length > 0 ? found : [finding("safe", undefined, "only people read comments")];
}

/** Attributes of the examples. */
function attributesOf(...texts: string[]): Attributes {
  return texts.map((text) => ({ name: text.split(" ")[0] ?? "", type: text.slice(text.indexOf(" ") + 1) }));
}
