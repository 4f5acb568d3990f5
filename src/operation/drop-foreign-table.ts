/** dropForeignTable: removes a foreign table; its rows stay where they are. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { qualified } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, tablePlace } from "./place.ts";
import { remaking } from "./replacement.ts";

const payload = v.strictObject(tablePlace);

type DropForeignTable = v.InferOutput<typeof payload>;

const made = "create foreign data wrapper w; create server there foreign data wrapper w";

export const dropForeignTable = defineOperation<"dropForeignTable", DropForeignTable>({
  kind: "dropForeignTable",
  family: "foreign data & publications",
  product: false,
  summary: "remove a foreign table; its rows stay where they are",
  base: "high",
  reasons: [],
  payload,
  on: ["drop foreignTable"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "foreignTable"
      ? { schema: change.before.schema, name: change.before.name }
      : undefined,
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [
    together(
      statement(`drop foreign table ${qualified(op.schema, op.name)}`, "access exclusive", [
        qualified(op.schema, op.name),
      ]),
    ),
  ],
  invert: (op, before) =>
    remaking(
      before,
      "foreignTable",
      makeId("foreignTable", op.schema, op.name),
      (table) => [operation("createForeignTable", { table })],
      "options that may be secrets, and triggers on it",
    ),
  predict: (op) => [{ drop: makeId("foreignTable", op.schema, op.name) }],
  risks: () => [
    finding(
      "high",
      undefined,
      "queries that name it fail from then on; its rows stay where they are, triggers on it go",
    ),
  ],
  examples: [
    {
      name: "plain",
      before: `${made}; create foreign table far (id int) server there`,
      op: { schema: "public", name: "far" },
      after: made,
    },
    {
      name: "with all its attributes, quoted names",
      before: `${made}; create schema "S"; create foreign table "S"."Far" ("Id" int options (c 'x') default 1, constraint k check ("Id" > 0)) server there options (a 'b');
        comment on column "S"."Far"."Id" is 'x'; comment on constraint k on "S"."Far" is 'y'`,
      op: { schema: "S", name: "Far" },
      after: `${made}; create schema "S"`,
    },
    {
      name: "one of two on a server",
      before: `${made}; create foreign table a (id int) server there; create foreign table b (id int) server there`,
      op: { schema: "public", name: "a" },
      after: `${made}; create foreign table b (id int) server there`,
    },
  ],
});
