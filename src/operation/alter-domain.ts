/** alterDomain: the default of a domain and whether it allows NULL. Its type and collation are rebuildType's. */
import * as v from "valibot";
import { getObject } from "../model/graph.ts";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { type Domain, domainSchema } from "../model/object.ts";
import { type Finding, finding } from "../risk/levels.ts";
import { asInput } from "../sql/expression.ts";
import { type Statement, statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, withMembers } from "./place.ts";
import { editObject } from "./replacement.ts";
import { isInArrays } from "./sql/rebuilt-type.ts";
import { alterDomain as alterText } from "./sql/types.ts";

const { schema, name, default: fallback, notNull, dependsOn } = domainSchema.entries;
const members = v.strictObject({ default: fallback, notNull });

const payload = v.strictObject({
  schema,
  name,
  /** both members as they are; an absent one is not there */
  from: members,
  /** both members as they will be */
  to: members,
  /** what the domain refers to afterwards */
  dependsOn,
});

type AlterDomain = v.InferOutput<typeof payload>;

export const alterDomain = defineOperation<"alterDomain", AlterDomain>({
  kind: "alterDomain",
  family: "types & sequences",
  product: false,
  summary: "change the default of a domain, or whether it allows NULL",
  base: "low",
  baseNote: "high when it no longer allows NULL",
  reasons: ["changes_column_nullable_to_not_null"],
  payload,
  on: ["alter domain.default", "alter domain.notNull"],
  claims: (change, context) => {
    if (change.type !== "alter" || change.before.kind !== "domain" || change.after.kind !== "domain") return undefined;
    const { before, after, id } = change;
    if (context.alters(id, "type") || context.alters(id, "collation")) return undefined;
    if (!before.notNull && after.notNull && isInArrays(context.before, after)) return undefined;
    const refers = after.dependsOn === undefined ? {} : { dependsOn: after.dependsOn };
    return { schema: after.schema, name: after.name, from: membersOf(before), to: membersOf(after), ...refers };
  },
  absorbs: (op, change) =>
    change.type === "alter" &&
    change.id === idOf(op) &&
    (change.attribute === "default" || change.attribute === "notNull"),
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(...statementsOf(op))],
  invert: (op, before) => {
    const domain = getObject(before, "domain", idOf(op));
    const { dependsOn: _, ...rest } = op;
    const refers = domain?.dependsOn === undefined ? {} : { dependsOn: domain.dependsOn };
    return {
      reversible: true,
      operations: [operation("alterDomain", { ...rest, from: op.to, to: op.from, ...refers })],
    };
  },
  predict: (op, graph) =>
    editObject(graph, "domain", idOf(op), (domain) =>
      withMembers(domain, { default: op.to.default, notNull: op.to.notNull, dependsOn: op.dependsOn }),
    ),
  risks: (op) => risksOf(op),
  examples: [
    {
      name: "another default",
      before: "create domain quantity as int default 1; create table lines (qty quantity)",
      op: { schema: "public", name: "quantity", from: { default: "1" }, to: { default: "2" } },
      after: "create domain quantity as int default 2; create table lines (qty quantity)",
    },
    {
      name: "not null and without a default, quoted names",
      before: `create schema "App"; create domain "App"."Q" as text default 'it''s'; create table lines (qty "App"."Q"); comment on domain "App"."Q" is 'x'`,
      op: { schema: "App", name: "Q", from: { default: "'it''s'::text" }, to: { notNull: true } },
      after: `create schema "App"; create domain "App"."Q" as text not null; create table lines (qty "App"."Q"); comment on domain "App"."Q" is 'x'`,
    },
    {
      name: "nullable again",
      before: "create domain quantity as int not null; create table lines (qty quantity)",
      op: { schema: "public", name: "quantity", from: { notNull: true }, to: {} },
      after: "create domain quantity as int; create table lines (qty quantity)",
    },
    {
      name: "a default from a sequence",
      before: "create sequence numbers; create domain number as bigint",
      op: {
        schema: "public",
        name: "number",
        from: {},
        to: { default: "nextval('public.numbers'::regclass)" },
        dependsOn: [makeId("sequence", "public", "numbers")],
      },
      after: "create sequence numbers; create domain number as bigint default nextval('numbers')",
    },
  ],
});

function idOf(op: { readonly schema: string; readonly name: string }): ObjectId {
  return makeId("domain", op.schema, op.name);
}

function membersOf(domain: Domain): AlterDomain["from"] {
  return {
    ...(domain.default === undefined ? {} : { default: domain.default }),
    ...(domain.notNull ? { notNull: true } : {}),
  };
}

/** SET NOT NULL reads every column of the domain under SHARE (AlterDomainNotNull in typecmds.c, 14 to 18). */
function statementsOf(op: AlterDomain): Statement[] {
  const alter = alterText(op);
  const found: Statement[] = [];
  if (op.from.default !== op.to.default) {
    const change = op.to.default === undefined ? "drop default" : `set default ${asInput(op.to.default)}`;
    found.push(statement(`${alter} ${change}`));
  }
  if (op.from.notNull !== op.to.notNull) {
    found.push(
      op.to.notNull ? statement(`${alter} set not null`, "share", [], "scan") : statement(`${alter} drop not null`),
    );
  }
  return found;
}

function risksOf(op: AlterDomain): Finding[] {
  const found: Finding[] = [];
  if (op.from.default !== op.to.default) {
    found.push(finding("low", undefined, "new rows get another default in columns that have none of their own"));
  }
  if (op.from.notNull !== op.to.notNull) {
    found.push(
      op.to.notNull
        ? finding(
            "high",
            "changes_column_nullable_to_not_null",
            "fails when a row holds NULL in a column of the domain; writes to their tables stop while all rows are read",
          )
        : finding("low", undefined, "readers may not expect NULL in columns of the domain"),
    );
  }
  return found;
}
