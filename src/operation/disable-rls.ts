/** disableRls: takes row level security off a table. Its policies stay and have no effect. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { onTablePlace, tableOfPart } from "./part.ts";
import { inWords } from "./place.ts";
import { remaking } from "./replacement.ts";

const payload = v.strictObject(onTablePlace);

type DisableRls = v.InferOutput<typeof payload>;

export const disableRls = defineOperation<"disableRls", DisableRls>({
  kind: "disableRls",
  family: "security",
  product: true,
  summary: "switch row level security off for a table",
  base: "medium",
  reasons: ["rls_change"],
  payload,
  on: ["drop rowSecurity"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "rowSecurity"
      ? { schema: change.before.schema, table: change.before.table }
      : undefined,
  describe: (op) => inWords(op.schema, op.table),
  emit: (op) => [
    together(
      statement(
        `alter table ${tableOfPart(op)} disable row level security, no force row level security`,
        "access exclusive",
        [tableOfPart(op)],
      ),
    ),
  ],
  invert: (op, before) =>
    remaking(before, "rowSecurity", idOf(op), ({ schema, table, enabled, forced }) => [
      operation("enableRls", { schema, table, ...(enabled ? { enabled } : {}), ...(forced ? { forced } : {}) }),
    ]),
  predict: (op) => [{ drop: idOf(op) }],
  risks: () => [finding("medium", "rls_change", "every role sees and writes all rows again as far as it is granted")],
  examples: [
    {
      name: "enabled before",
      before: "create table users (id int); alter table users enable row level security",
      op: { schema: "public", table: "users" },
      after: "create table users (id int)",
    },
    {
      name: "enabled and forced before, its policy stays",
      before: `create table "User" (id int); create policy own on "User" using (id = 1);
        alter table "User" enable row level security, force row level security`,
      op: { schema: "public", table: "User" },
      after: `create table "User" (id int); create policy own on "User" using (id = 1)`,
    },
    {
      name: "forced only, in another schema",
      before: "create schema app; create table app.users (id int); alter table app.users force row level security",
      op: { schema: "app", table: "users" },
      after: "create schema app; create table app.users (id int)",
    },
  ],
});

function idOf(op: DisableRls): ObjectId {
  return makeId("rowSecurity", op.schema, op.table);
}
