/** createDomain: a domain with its checks. */
import * as v from "valibot";
import { makeId, objectId, parentId } from "../model/kinds.ts";
import { type DomainCheck, domainCheckSchema, domainSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { createTypeStatements } from "./sql/types.ts";

const payload = v.strictObject({ domain: domainSchema, checks: v.optional(v.array(domainCheckSchema)) });

type CreateDomain = v.InferOutput<typeof payload>;

export const createDomain = defineOperation<"createDomain", CreateDomain>({
  kind: "createDomain",
  family: "types & sequences",
  product: false,
  summary: "make a domain with its checks",
  base: "safe",
  reasons: [],
  payload,
  on: ["create domain"],
  claims: (change, context) => {
    if (change.type !== "create" || change.after.kind !== "domain") return undefined;
    const checks = context
      .childrenAfter(change.id)
      .filter((part): part is DomainCheck => part.kind === "domainCheck" && !part.notValid);
    return { domain: change.after, ...(checks.length > 0 ? { checks } : {}) };
  },
  absorbs: (op, change) =>
    change.type === "create" &&
    change.after.kind === "domainCheck" &&
    !change.after.notValid &&
    parentId(change.after) === objectId(op.domain),
  describe: (op) => inWords(op.domain.schema, op.domain.name),
  emit: (op) => [together(...createTypeStatements(op.domain, op.checks))],
  invert: (op) => ({
    reversible: true,
    operations: [operation("dropDomain", { schema: op.domain.schema, name: op.domain.name })],
  }),
  predict: (op) => [{ put: op.domain }, ...(op.checks ?? []).map((put) => ({ put }))],
  risks: () => [finding("safe", undefined, "nothing uses a domain that does not exist yet")],
  examples: [
    {
      name: "with a default and a check",
      before: "",
      op: {
        domain: { kind: "domain", schema: "public", name: "quantity", type: "integer", default: "1", notNull: true },
        checks: [
          {
            kind: "domainCheck",
            schema: "public",
            domain: "quantity",
            name: "quantity_check",
            expression: "((VALUE > 0))",
          },
        ],
      },
      after: "create domain quantity as int default 1 not null check (value > 0)",
    },
    {
      name: "quoted names, collation and comments",
      before: `create schema "App"`,
      op: {
        domain: {
          kind: "domain",
          schema: "App",
          name: "Mail Address",
          type: "character varying(200)",
          collation: 'pg_catalog."C"',
          comment: "where it goes",
        },
        checks: [
          {
            kind: "domainCheck",
            schema: "App",
            domain: "Mail Address",
            name: "has at",
            expression: "(((VALUE)::text ~~ '%@%'::text))",
            comment: "one at least",
          },
        ],
      },
      after: `create schema "App"; create domain "App"."Mail Address" as varchar(200) collate "C" constraint "has at" check (value like '%@%');
        comment on domain "App"."Mail Address" is 'where it goes'; comment on constraint "has at" on domain "App"."Mail Address" is 'one at least'`,
    },
    {
      name: "over an enum",
      before: "create type mood as enum ('sad', 'ok')",
      op: {
        domain: {
          kind: "domain",
          schema: "public",
          name: "good_mood",
          type: "public.mood",
          dependsOn: [makeId("enum", "public", "mood")],
        },
        checks: [
          {
            kind: "domainCheck",
            schema: "public",
            domain: "good_mood",
            name: "never_sad",
            expression: "((VALUE <> 'sad'::public.mood))",
            dependsOn: [makeId("enum", "public", "mood")],
          },
        ],
      },
      after:
        "create type mood as enum ('sad', 'ok'); create domain good_mood as mood constraint never_sad check (value <> 'sad')",
    },
  ],
});
