/** dropDomain: removes a domain with its checks; refused by the server while anything uses it. */
import * as v from "valibot";
import { childrenByParent, getObject } from "../model/graph.ts";
import { makeId, type ObjectId, parentId } from "../model/kinds.ts";
import { type DomainCheck, domainSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { dropMadeType } from "./sql/types.ts";

const payload = v.strictObject({ schema: domainSchema.entries.schema, name: domainSchema.entries.name });

type DropDomain = v.InferOutput<typeof payload>;

export const dropDomain = defineOperation<"dropDomain", DropDomain>({
  kind: "dropDomain",
  family: "types & sequences",
  product: false,
  summary: "remove a domain",
  base: "medium",
  baseNote: "it holds no data of its own: the columns that do are operations of their own",
  reasons: [],
  payload,
  on: ["drop domain"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "domain"
      ? { schema: change.before.schema, name: change.before.name }
      : undefined,
  absorbs: (op, change) => change.type === "drop" && parentId(change.before) === idOf(op),
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(dropMadeType({ kind: "domain", schema: op.schema, name: op.name }))],
  invert: (op, before) => {
    const domain = getObject(before, "domain", idOf(op));
    if (domain === undefined) return { reversible: false, why: "what it was like before is not known" };
    const checks = (childrenByParent(before).get(idOf(op)) ?? []).filter(
      (part): part is DomainCheck => part.kind === "domainCheck",
    );
    const inline = checks.filter((check) => !check.notValid);
    const later = checks.filter((check) => check.notValid);
    return {
      reversible: true,
      operations: [
        operation("createDomain", { domain, ...(inline.length > 0 ? { checks: inline } : {}) }),
        ...later.map((check) => operation("addDomainCheck", { check })),
      ],
    };
  },
  predict: (op) => [{ drop: idOf(op) }],
  risks: () => [
    finding(
      "medium",
      undefined,
      "queries that name the domain fail; the server refuses while a column or function uses it",
    ),
  ],
  examples: [
    {
      name: "plain",
      before: "create domain quantity as int",
      op: { schema: "public", name: "quantity" },
      after: "",
    },
    {
      name: "quoted names, with checks and comments",
      before: `create schema "App"; create domain "App"."Q" as int default 3 not null constraint "a b" check (value > 0);
        alter domain "App"."Q" add constraint late check (value < 9) not valid; comment on domain "App"."Q" is 'x';
        comment on constraint late on domain "App"."Q" is 'y'`,
      op: { schema: "App", name: "Q" },
      after: `create schema "App"`,
    },
    {
      name: "over another one, which stays",
      before: "create domain a as int check (value > 0); create domain b as a",
      op: { schema: "public", name: "b" },
      after: "create domain a as int check (value > 0)",
    },
  ],
});

function idOf(op: DropDomain): ObjectId {
  return makeId("domain", op.schema, op.name);
}
