/** enableRls: sets the two switches of row level security on a table, whether policies apply and whether to its owner too. */
import * as v from "valibot";
import { getObject } from "../model/graph.ts";
import { makeId, type ObjectId } from "../model/kinds.ts";
import type { RowSecurity } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, type Operation, operation } from "./define.ts";
import { onTablePlace, tableIdOfPart, tableOfPart } from "./part.ts";
import { inWords, withMembers } from "./place.ts";

const payload = v.pipe(
  v.strictObject({
    ...onTablePlace,
    /** whether policies apply from then on; absent: as before */
    enabled: v.optional(v.boolean()),
    /** whether they apply to the table's owner too; absent: as before */
    forced: v.optional(v.boolean()),
  }),
  v.check((op) => op.enabled !== undefined || op.forced !== undefined, "one of enabled and forced has to be there"),
);

type EnableRls = v.InferOutput<typeof payload>;

export const enableRls = defineOperation<"enableRls", EnableRls>({
  kind: "enableRls",
  family: "security",
  product: true,
  summary: "switch row level security on for a table, or for its owner too",
  base: "medium",
  reasons: ["rls_change"],
  payload,
  shares: true,
  on: ["create rowSecurity", "alter rowSecurity.*"],
  claims: (change) => {
    if (change.type === "drop" || change.after.kind !== "rowSecurity") return undefined;
    const before = change.type === "alter" ? (change.before as RowSecurity) : undefined;
    return switched(change.after, before);
  },
  absorbs: (op, change) => change.type === "alter" && change.id === idOf(op),
  describe: (op) => inWords(op.schema, op.table),
  emit: (op) => [
    together(
      statement(`alter table ${tableOfPart(op)} ${words(op).join(", ")}`, "access exclusive", [tableOfPart(op)]),
    ),
  ],
  invert: (op, before) => ({ reversible: true, operations: [back(op, getObject(before, "rowSecurity", idOf(op)))] }),
  predict: (op, graph) => {
    const now = getObject(graph, "rowSecurity", idOf(op));
    const next = withMembers<RowSecurity>(now ?? { kind: "rowSecurity", schema: op.schema, table: op.table }, {
      ...(op.enabled === undefined ? {} : { enabled: op.enabled || undefined }),
      ...(op.forced === undefined ? {} : { forced: op.forced || undefined }),
    });
    if (next.enabled || next.forced) return [{ put: next }];
    return now === undefined ? [] : [{ drop: idOf(op) }];
  },
  risks: (op, facts) => {
    if (facts.isFresh(tableIdOfPart(op))) {
      return [finding("medium", "rls_change", "roles without a policy see no rows of the new table")];
    }
    return [finding("medium", "rls_change", effect(op))];
  },
  examples: [
    {
      name: "on",
      before: "create table users (id int)",
      op: { schema: "public", table: "users", enabled: true },
      after: "create table users (id int); alter table users enable row level security",
    },
    {
      name: "on, for the owner too, quoted names",
      before: `create schema "App"; create table "App"."User" (id int)`,
      op: { schema: "App", table: "User", enabled: true, forced: true },
      after: `create schema "App"; create table "App"."User" (id int);
        alter table "App"."User" enable row level security, force row level security`,
    },
    {
      name: "forced without being enabled",
      before: "create table users (id int)",
      op: { schema: "public", table: "users", forced: true },
      after: "create table users (id int); alter table users force row level security",
    },
    {
      name: "no longer for the owner",
      before: "create table users (id int); alter table users enable row level security, force row level security",
      op: { schema: "public", table: "users", forced: false },
      after: "create table users (id int); alter table users enable row level security",
    },
    {
      name: "enabled instead of forced",
      before: "create table users (id int); alter table users force row level security",
      op: { schema: "public", table: "users", enabled: true, forced: false },
      after: "create table users (id int); alter table users enable row level security",
    },
  ],
});

function idOf(op: { readonly schema: string; readonly table: string }): ObjectId {
  return makeId("rowSecurity", op.schema, op.table);
}

/** The switches that differ, as they are to be. */
function switched(to: RowSecurity, from: RowSecurity | undefined): EnableRls {
  return {
    schema: to.schema,
    table: to.table,
    ...(to.enabled === from?.enabled ? {} : { enabled: to.enabled === true }),
    ...(to.forced === from?.forced ? {} : { forced: to.forced === true }),
  };
}

/** What sets the switches an operation has set to where they were. */
function back(op: EnableRls, before: RowSecurity | undefined): Operation {
  const { schema, table } = op;
  if (before === undefined) return operation("disableRls", { schema, table });
  return operation("enableRls", {
    schema,
    table,
    ...(op.enabled === undefined ? {} : { enabled: before.enabled === true }),
    ...(op.forced === undefined ? {} : { forced: before.forced === true }),
  });
}

function words(op: EnableRls): string[] {
  return [
    ...(op.enabled === undefined ? [] : [`${op.enabled ? "enable" : "disable"} row level security`]),
    ...(op.forced === undefined ? [] : [`${op.forced ? "force" : "no force"} row level security`]),
  ];
}

function effect(op: EnableRls): string {
  if (op.enabled === false) return "every role sees and writes all rows again as far as it is granted";
  if (op.enabled) {
    const who = op.forced ? "the owner and every other role but superusers" : "every role but the owner and superusers";
    return `${who} sees no row that no policy allows`;
  }
  return op.forced ? "policies apply to the owner too" : "policies no longer apply to the owner";
}
