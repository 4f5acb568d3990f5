/** dropServer: forgets another server. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { foreignServerSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";

import { remaking } from "./replacement.ts";

const payload = v.strictObject({ name: foreignServerSchema.entries.name });

type DropServer = v.InferOutput<typeof payload>;

const made = "create foreign data wrapper w; create server there foreign data wrapper w";

export const dropServer = defineOperation<"dropServer", DropServer>({
  kind: "dropServer",
  family: "foreign data & publications",
  product: false,
  summary: "forget another server",
  base: "medium",
  reasons: [],
  payload,
  on: ["drop foreignServer"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "foreignServer" ? { name: change.before.name } : undefined,
  describe: (op) => quoteIdent(op.name),
  emit: (op) => [together(statement(`drop server ${quoteIdent(op.name)}`))],
  invert: (op, before) =>
    remaking(
      before,
      "foreignServer",
      makeId("foreignServer", op.name),
      (server) => [operation("createServer", { server })],
      "options that may be secrets",
    ),
  predict: (op) => [{ drop: makeId("foreignServer", op.name) }],
  risks: () => [
    finding(
      "medium",
      undefined,
      "Postgres refuses while a foreign table or user mapping is left; options that may be secrets do not come back",
    ),
  ],
  examples: [
    { name: "plain", before: made, op: { name: "there" }, after: "create foreign data wrapper w" },
    {
      name: "with all its attributes, quoted names",
      before: `create foreign data wrapper w; create server "Over There" type 't' version 'v' foreign data wrapper w options (host 'x');
        comment on server "Over There" is 'far'`,
      op: { name: "Over There" },
      after: "create foreign data wrapper w",
    },
    {
      name: "one of two",
      before: `${made}; create server other foreign data wrapper w`,
      op: { name: "other" },
      after: made,
    },
  ],
});
