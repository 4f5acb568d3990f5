/** createUserMapping: as whom a role comes to another server. Knows no secret: those are given by hand. */
import * as v from "valibot";
import { userMappingSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { commentStatements } from "./sql/comment.ts";
import { createMapping } from "./sql/foreign.ts";

const payload = v.strictObject({ mapping: userMappingSchema });

type CreateUserMapping = v.InferOutput<typeof payload>;

const made = "create foreign data wrapper w; create server there foreign data wrapper w";

export const createUserMapping = defineOperation<"createUserMapping", CreateUserMapping>({
  kind: "createUserMapping",
  family: "foreign data & publications",
  product: false,
  summary: "say as whom a role comes to another server",
  base: "medium",
  baseNote: "its password has to be given by hand",
  reasons: [],
  payload,
  on: ["create userMapping"],
  claims: (change) =>
    change.type === "create" && change.after.kind === "userMapping" ? { mapping: change.after } : undefined,
  describe: ({ mapping }) => `${quoteIdent(mapping.name)} on ${quoteIdent(mapping.server)}`,
  emit: ({ mapping }) => [together(createMapping(mapping), ...commentStatements(mapping))],
  invert: ({ mapping }) => ({
    reversible: true,
    operations: [operation("dropUserMapping", { server: mapping.server, name: mapping.name })],
  }),
  predict: ({ mapping }) => [{ put: mapping }],
  risks: () => [
    finding(
      "medium",
      undefined,
      "a password is never read or written here: give it by hand with ALTER USER MAPPING … OPTIONS (ADD password …)",
    ),
  ],
  examples: [
    {
      name: "for everybody",
      before: made,
      op: { mapping: { kind: "userMapping", server: "there", name: "public" } },
      after: `${made}; create user mapping for public server there`,
    },
    {
      name: "for a role, as another one",
      before: made,
      op: {
        mapping: {
          kind: "userMapping",
          server: "there",
          name: "pg_monitor",
          options: [{ name: "user", value: "o'brien" }],
        },
      },
      after: `${made}; create user mapping for pg_monitor server there options (user 'o''brien')`,
    },
    {
      name: "beside another one, quoted names",
      before: `create foreign data wrapper w; create server "Over There" foreign data wrapper w; create user mapping for public server "Over There"`,
      op: { mapping: { kind: "userMapping", server: "Over There", name: "pg_monitor" } },
      after: `create foreign data wrapper w; create server "Over There" foreign data wrapper w; create user mapping for public server "Over There";
        create user mapping for pg_monitor server "Over There"`,
    },
  ],
});
