/** dropUserMapping: no longer says as whom a role comes to another server. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { foreignServerSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";

import { remaking } from "./replacement.ts";
import { userMappingPlace } from "./sql/foreign.ts";

const payload = v.strictObject({ server: foreignServerSchema.entries.name, name: foreignServerSchema.entries.name });

type DropUserMapping = v.InferOutput<typeof payload>;

const made = "create foreign data wrapper w; create server there foreign data wrapper w";

export const dropUserMapping = defineOperation<"dropUserMapping", DropUserMapping>({
  kind: "dropUserMapping",
  family: "foreign data & publications",
  product: false,
  summary: "no longer say as whom a role comes to another server",
  base: "high",
  reasons: [],
  payload,
  on: ["drop userMapping"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "userMapping"
      ? { server: change.before.server, name: change.before.name }
      : undefined,
  describe: (op) => `${quoteIdent(op.name)} on ${quoteIdent(op.server)}`,
  emit: (op) => [together(statement(`drop ${userMappingPlace(op)}`))],
  invert: (op, before) =>
    remaking(
      before,
      "userMapping",
      makeId("userMapping", op.server, op.name),
      (mapping) => [operation("createUserMapping", { mapping })],
      "its password, which is never read",
    ),
  predict: (op) => [{ drop: makeId("userMapping", op.server, op.name) }],
  risks: () => [
    finding("high", undefined, "the role cannot read its foreign tables from then on; its password does not come back"),
  ],
  examples: [
    {
      name: "of everybody",
      before: `${made}; create user mapping for public server there`,
      op: { server: "there", name: "public" },
      after: made,
    },
    {
      name: "of a role, with an option",
      before: `${made}; create user mapping for pg_monitor server there options (user 'x')`,
      op: { server: "there", name: "pg_monitor" },
      after: made,
    },
    {
      name: "one of two, quoted names",
      before: `create foreign data wrapper w; create server "T h" foreign data wrapper w; create user mapping for public server "T h";
        create user mapping for pg_monitor server "T h"`,
      op: { server: "T h", name: "pg_monitor" },
      after: `create foreign data wrapper w; create server "T h" foreign data wrapper w; create user mapping for public server "T h"`,
    },
  ],
});
