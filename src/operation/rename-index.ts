/** renameIndex: another name for an index. Claimed by no diff: planning finds equal indexes. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { indexSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { renamedObject } from "./rename-part.ts";
import { renameIndex as renameStatement } from "./sql/build-index.ts";

const { schema, name } = indexSchema.entries;

const payload = v.strictObject({ schema, from: name, to: name });

type RenameIndex = v.InferOutput<typeof payload>;

export const renameIndex = defineOperation<"renameIndex", RenameIndex>({
  kind: "renameIndex",
  family: "index & constraint",
  product: false,
  summary: "give an index another name",
  base: "low",
  reasons: [],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) => `${inWords(op.schema, op.from)} to ${quoteIdent(op.to)}`,
  emit: (op) => [together(renameStatement(op.schema, op.from, op.to))],
  invert: (op) => ({
    reversible: true,
    operations: [operation("renameIndex", { ...op, from: op.to, to: op.from })],
  }),
  predict: (op, graph) => renamedObject(graph, makeId("index", op.schema, op.from), op.to),
  risks: () => [finding("low", undefined, "messages and tools say the new name from then on; nothing else changes")],
  examples: [
    {
      name: "plain",
      before: "create table users (mail text); create index a on users (mail)",
      op: { schema: "public", from: "a", to: "b" },
      after: "create table users (mail text); create index b on users (mail)",
    },
    {
      name: "unique and partial, quoted names",
      before: `create schema "App"; create table "App".users (mail text); create unique index "A" on "App".users (lower(mail)) where mail <> ''`,
      op: { schema: "App", from: "A", to: "The Index" },
      after: `create schema "App"; create table "App".users (mail text); create unique index "The Index" on "App".users (lower(mail)) where mail <> ''`,
    },
    {
      name: "with a comment",
      before: "create table users (mail text); create index a on users (mail); comment on index a is 'x'",
      op: { schema: "public", from: "a", to: "b" },
      after: "create table users (mail text); create index b on users (mail); comment on index b is 'x'",
    },
  ],
});
