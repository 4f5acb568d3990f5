/** alterServer: the version another server is said to have. Its options are setForeignOptions'. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { foreignServerSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { withMembers } from "./place.ts";
import { editObject } from "./replacement.ts";
import { serverVersion } from "./sql/foreign.ts";

const { name, version } = foreignServerSchema.entries;

const payload = v.strictObject({
  name,
  /** absent: none */
  from: version,
  to: version,
});

type AlterServer = v.InferOutput<typeof payload>;

const made = "create foreign data wrapper w; create server there";

export const alterServer = defineOperation<"alterServer", AlterServer>({
  kind: "alterServer",
  family: "foreign data & publications",
  product: false,
  summary: "say which version another server has",
  base: "low",
  reasons: [],
  payload,
  on: ["alter foreignServer.version"],
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "foreignServer" || change.after.kind !== "foreignServer") {
      return undefined;
    }
    return { name: change.after.name, ...ends(change.before.version, change.after.version) };
  },
  describe: (op) => quoteIdent(op.name),
  emit: (op) => [together(serverVersion(op.name, op.to))],
  invert: (op) => ({
    reversible: true,
    operations: [operation("alterServer", { name: op.name, ...ends(op.to, op.from) })],
  }),
  predict: (op, graph) =>
    editObject(graph, "foreignServer", makeId("foreignServer", op.name), (server) =>
      withMembers(server, { version: op.to }),
    ),
  risks: () => [finding("low", undefined, "its wrapper may read it in another way")],
  examples: [
    {
      name: "another one",
      before: `${made} version '1' foreign data wrapper w`,
      op: { name: "there", from: "1", to: "it's 2" },
      after: `${made} version 'it''s 2' foreign data wrapper w`,
    },
    {
      name: "where there was none",
      before: `${made} foreign data wrapper w`,
      op: { name: "there", to: "2" },
      after: `${made} version '2' foreign data wrapper w`,
    },
    {
      name: "none, quoted names",
      before: `create foreign data wrapper w; create server "T h" version '1' foreign data wrapper w`,
      op: { name: "T h", from: "1" },
      after: `create foreign data wrapper w; create server "T h" foreign data wrapper w`,
    },
  ],
});

function ends(from: string | undefined, to: string | undefined): { from?: string; to?: string } {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
