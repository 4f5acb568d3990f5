/** dropCheck: removes a check. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, partPlace, placeOfPart } from "./part.ts";
import { remaking } from "./replacement.ts";
import { dropConstraint } from "./sql/add-key.ts";

const payload = v.strictObject(partPlace);

type DropCheck = v.InferOutput<typeof payload>;

export const dropCheck = defineOperation<"dropCheck", DropCheck>({
  kind: "dropCheck",
  family: "index & constraint",
  product: false,
  summary: "remove a check",
  base: "medium",
  reasons: [],
  payload,
  on: ["drop check"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "check" ? placeOfPart(change.before) : undefined,
  describe: partInWords,
  emit: (op) => [together(dropConstraint(op))],
  invert: (op, before) =>
    remaking(before, "check", makeId("check", op.schema, op.table, op.name), (check) => [
      operation("addCheck", { check }),
    ]),
  predict: (op) => [{ drop: makeId("check", op.schema, op.table, op.name) }],
  risks: () => [finding("medium", undefined, "rows that break it can be written from then on")],
  examples: [
    {
      name: "of a column",
      before: "create table lines (id int, qty int check (qty > 0))",
      op: { schema: "public", table: "lines", name: "lines_qty_check" },
      after: "create table lines (id int, qty int)",
    },
    {
      name: "not valid, quoted names, with a comment",
      before: `create table "Line" ("From" int, "To" int); alter table "Line" add constraint "In Order" check ("From" <= "To") not valid;
        comment on constraint "In Order" on "Line" is 'old rows may differ'`,
      op: { schema: "public", table: "Line", name: "In Order" },
      after: `create table "Line" ("From" int, "To" int)`,
    },
    {
      name: "not inherited, in another schema",
      before: "create schema app; create table app.lines (qty int constraint positive check (qty > 0) no inherit)",
      op: { schema: "app", table: "lines", name: "positive" },
      after: "create schema app; create table app.lines (qty int)",
    },
  ],
});
