/** addGeneratedColumn: a column computed from others of its row, stored or (18 and later) virtual. */
import * as v from "valibot";
import { type Column, columnSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { rewriteFinding } from "../risk/size.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { type LockDuration, statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { columnInWords, onFreshTable, placeOf, tableOf, withMembers } from "./place.ts";
import { columnDefinition } from "./sql/column.ts";
import { commentStatements } from "./sql/comment.ts";
import { columnStorageStatements } from "./sql/storage.ts";

const payload = v.strictObject({
  column: v.pipe(
    columnSchema,
    v.check((column) => column.generated !== undefined, "a column that is not generated is added by addColumn"),
  ),
});

type AddGeneratedColumn = v.InferOutput<typeof payload>;

export const addGeneratedColumn = defineOperation<"addGeneratedColumn", AddGeneratedColumn>({
  kind: "addGeneratedColumn",
  family: "create",
  product: true,
  summary: "add a column that is computed from others",
  base: "medium",
  baseNote: "a stored one writes every row; a virtual one (18 and later) writes none",
  reasons: ["rebuilds_table"],
  payload,
  on: ["create column"],
  claims: (change) =>
    change.type === "create" && change.after.kind === "column" && change.after.generated !== undefined
      ? { column: withMembers(change.after, { position: undefined }) }
      : undefined,
  describe: ({ column }) => columnInWords(column),
  emit: ({ column }) => [
    together(
      statement(
        `alter table ${tableOf(column)} add column ${columnDefinition(column)}`,
        "access exclusive",
        [tableOf(column)],
        durationOf(column),
      ),
      ...columnStorageStatements([column]),
      ...commentStatements(column),
    ),
  ],
  invert: ({ column }) => ({ reversible: true, operations: [operation("dropColumn", placeOf(column))] }),
  predict: ({ column }) => [{ put: withMembers(column, { position: undefined }) }],
  risks: ({ column }, facts) => {
    if (onFreshTable(column, facts)) return [finding("safe", undefined, "the table is made in the same migration")];
    const name = quoteIdent(column.name);
    const required = column.notNull
      ? [finding("medium", undefined, `${name} is NOT NULL: it fails when the expression is null for a row`)]
      : [];
    if (column.generated?.storage === "virtual") {
      return [finding("low", undefined, `${name} is computed when it is read: no row is written`), ...required];
    }
    const message = `${name} is computed for every row: the table is written anew under a lock that stops reads and writes`;
    return [rewriteFinding(facts, column, "medium", message), ...required];
  },
  examples: [
    {
      name: "stored",
      before: "create table lines (price numeric(10,2), qty int)",
      op: {
        column: {
          kind: "column",
          schema: "public",
          table: "lines",
          name: "total",
          type: "numeric(12,2)",
          generated: { expression: "(price * (qty)::numeric)", storage: "stored" },
          dependsOn: ["column:public.lines.price", "column:public.lines.qty"],
        },
      },
      after:
        "create table lines (price numeric(10,2), qty int, total numeric(12,2) generated always as (price * qty) stored)",
    },
    {
      name: "required, with a comment and quoted names",
      before: 'create table "User" ("Mail" text not null)',
      op: {
        column: {
          kind: "column",
          schema: "public",
          table: "User",
          name: "Key",
          type: "text",
          notNull: true,
          generated: { expression: 'lower("Mail")', storage: "stored" },
          comment: "for look-ups",
          dependsOn: ['column:public."User"."Mail"'],
        },
      },
      after: `create table "User" ("Mail" text not null, "Key" text not null generated always as (lower("Mail")) stored);
        comment on column "User"."Key" is 'for look-ups'`,
    },
    {
      name: "virtual",
      since: 180000,
      before: "create table users (first text, last text)",
      op: {
        column: {
          kind: "column",
          schema: "public",
          table: "users",
          name: "full_name",
          type: "text",
          generated: { expression: "((first || ' '::text) || last)", storage: "virtual" },
          dependsOn: ["column:public.users.first", "column:public.users.last"],
        },
      },
      after:
        "create table users (first text, last text, full_name text generated always as (first || ' ' || last) virtual)",
    },
  ],
});

function durationOf(column: Column): LockDuration {
  if (column.generated?.storage === "stored") return "rewrite";
  return column.notNull ? "scan" : "instant";
}
