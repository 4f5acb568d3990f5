/** dropTrigger: removes a trigger; its function stays. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, partPlace, placeOfPart } from "./part.ts";
import { remaking } from "./replacement.ts";
import { dropTriggerStatement } from "./sql/trigger.ts";

const payload = v.strictObject(partPlace);

type DropTrigger = v.InferOutput<typeof payload>;

const made = `create table users (id int); create function f() returns trigger language plpgsql as ' begin return null; end '`;

export const dropTrigger = defineOperation<"dropTrigger", DropTrigger>({
  kind: "dropTrigger",
  family: "routines & views",
  product: false,
  summary: "remove a trigger",
  base: "high",
  reasons: [],
  payload,
  on: ["drop trigger"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "trigger" ? placeOfPart(change.before) : undefined,
  describe: partInWords,
  emit: (op) => [together(dropTriggerStatement(op))],
  invert: (op, before) =>
    remaking(before, "trigger", makeId("trigger", op.schema, op.table, op.name), (trigger) => [
      operation("createTrigger", { trigger }),
    ]),
  predict: (op) => [{ drop: makeId("trigger", op.schema, op.table, op.name) }],
  risks: () => [
    finding("high", undefined, "what it checked, filled in or recorded is no longer done, without an error"),
  ],
  examples: [
    {
      name: "plain",
      before: `${made}; create trigger touch after insert on users for each row execute function f()`,
      op: { schema: "public", table: "users", name: "touch" },
      after: made,
    },
    {
      name: "a constraint trigger that never fires, with a comment, quoted names",
      before: `${made}; create constraint trigger "Check It" after insert on users for each row execute function f();
        alter table users disable trigger "Check It"; comment on trigger "Check It" on users is 'x'`,
      op: { schema: "public", table: "users", name: "Check It" },
      after: made,
    },
    {
      name: "one of two, in another schema",
      before: `${made}; create schema app; create table app.users (id int);
        create trigger a after truncate on app.users execute function f(); create trigger b after delete on app.users execute function f()`,
      op: { schema: "app", table: "users", name: "b" },
      after: `${made}; create schema app; create table app.users (id int); create trigger a after truncate on app.users execute function f()`,
    },
  ],
});
