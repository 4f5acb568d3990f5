/** createCollation: a collation of libc, ICU or the server itself. */
import * as v from "valibot";
import { collationSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { createTypeStatements } from "./sql/types.ts";

const payload = v.strictObject({ collation: collationSchema });

type CreateCollation = v.InferOutput<typeof payload>;

export const createCollation = defineOperation<"createCollation", CreateCollation>({
  kind: "createCollation",
  family: "types & sequences",
  product: false,
  summary: "make a collation",
  base: "safe",
  reasons: [],
  payload,
  on: ["create collation"],
  claims: (change) =>
    change.type === "create" && change.after.kind === "collation" ? { collation: change.after } : undefined,
  describe: (op) => inWords(op.collation.schema, op.collation.name),
  emit: (op) => [together(...createTypeStatements(op.collation))],
  invert: ({ collation: { schema, name } }) => ({
    reversible: true,
    operations: [operation("dropCollation", { schema, name })],
  }),
  predict: (op) => [{ put: op.collation }],
  risks: () => [finding("safe", undefined, "nothing uses a collation that does not exist yet")],
  examples: [
    {
      name: "of libc",
      before: "",
      op: { collation: { kind: "collation", schema: "public", name: "plain", provider: "libc", locale: "C" } },
      after: `create collation plain (provider = libc, locale = 'C')`,
    },
    {
      name: "of libc with two locales, quoted names and a comment",
      before: `create schema "App"`,
      op: {
        collation: {
          kind: "collation",
          schema: "App",
          name: "Mixed Up",
          provider: "libc",
          collate: "C",
          ctype: "POSIX",
          comment: "by bytes",
        },
      },
      after: `create schema "App"; create collation "App"."Mixed Up" (provider = libc, lc_collate = 'C', lc_ctype = 'POSIX');
        comment on collation "App"."Mixed Up" is 'by bytes'`,
    },
    {
      name: "of ICU, for which upper and lower case are the same",
      before: "",
      op: {
        collation: {
          kind: "collation",
          schema: "public",
          name: "no_case",
          provider: "icu",
          locale: "und-u-ks-level2",
          nondeterministic: true,
        },
      },
      after: "create collation no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
    },
  ],
});
