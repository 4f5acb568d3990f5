/** dropPublication: nothing can follow it any more. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { publicationSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { remaking } from "./replacement.ts";

const payload = v.strictObject({ name: publicationSchema.entries.name });

type DropPublication = v.InferOutput<typeof payload>;

export const dropPublication = defineOperation<"dropPublication", DropPublication>({
  kind: "dropPublication",
  family: "foreign data & publications",
  product: false,
  summary: "no longer publish anything under a name",
  base: "high",
  reasons: [],
  payload,
  on: ["drop publication"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "publication" ? { name: change.before.name } : undefined,
  describe: (op) => quoteIdent(op.name),
  emit: (op) => [together(statement(`drop publication ${quoteIdent(op.name)}`))],
  invert: (op, before) =>
    remaking(
      before,
      "publication",
      makeId("publication", op.name),
      (publication) => [operation("createPublication", { publication })],
      "what was written meanwhile: subscribers do not get it",
    ),
  predict: (op) => [{ drop: makeId("publication", op.name) }],
  risks: () => [finding("high", undefined, "replication to its subscribers stops with an error")],
  examples: [
    {
      name: "of a table",
      before: "create table users (id int primary key); create publication news for table users",
      op: { name: "news" },
      after: "create table users (id int primary key)",
    },
    {
      name: "of all tables, with a comment, quoted names",
      before: `create publication "My News" for all tables with (publish = 'insert'); comment on publication "My News" is 'x'`,
      op: { name: "My News" },
      after: "",
    },
    {
      name: "one of two",
      before: "create publication a; create publication b with (publish_via_partition_root)",
      op: { name: "b" },
      after: "create publication a",
    },
  ],
});
