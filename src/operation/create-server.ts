/** createServer: the name and address of another server. */
import * as v from "valibot";
import { foreignServerSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { commentStatements } from "./sql/comment.ts";
import { createServerStatement } from "./sql/foreign.ts";

const payload = v.strictObject({ server: foreignServerSchema });

type CreateServer = v.InferOutput<typeof payload>;

export const createServer = defineOperation<"createServer", CreateServer>({
  kind: "createServer",
  family: "foreign data & publications",
  product: false,
  summary: "name another server",
  base: "low",
  reasons: [],
  payload,
  on: ["create foreignServer"],
  claims: (change) =>
    change.type === "create" && change.after.kind === "foreignServer" ? { server: change.after } : undefined,
  describe: ({ server }) => quoteIdent(server.name),
  emit: ({ server }) => [together(createServerStatement(server), ...commentStatements(server))],
  invert: ({ server }) => ({ reversible: true, operations: [operation("dropServer", { name: server.name })] }),
  predict: ({ server }) => [{ put: server }],
  risks: () => [
    finding("low", undefined, "a name and an address: nothing is connected to until a foreign table is read"),
  ],
  examples: [
    {
      name: "plain",
      before: "create foreign data wrapper w",
      op: { server: { kind: "foreignServer", name: "there", wrapper: "w" } },
      after: "create foreign data wrapper w; create server there foreign data wrapper w",
    },
    {
      name: "with a type, a version, options and a comment, quoted names",
      before: `create foreign data wrapper "W"`,
      op: {
        server: {
          kind: "foreignServer",
          name: "Over There",
          wrapper: "W",
          type: "ora'cle",
          version: "12",
          options: [
            { name: "host", value: "there" },
            { name: "port", value: "5" },
          ],
          comment: "far",
        },
      },
      after: `create foreign data wrapper "W"; create server "Over There" type 'ora''cle' version '12' foreign data wrapper "W" options (port '5', host 'there');
        comment on server "Over There" is 'far'`,
    },
    {
      name: "of a wrapper that an extension brought",
      before: "create extension postgres_fdw",
      op: {
        server: {
          kind: "foreignServer",
          name: "there",
          wrapper: "postgres_fdw",
          options: [{ name: "dbname", value: "shop" }],
        },
      },
      after:
        "create extension postgres_fdw; create server there foreign data wrapper postgres_fdw options (dbname 'shop')",
    },
  ],
});
