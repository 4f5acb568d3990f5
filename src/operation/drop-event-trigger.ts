/** dropEventTrigger: removes an event trigger; its function stays. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { eventTriggerSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { remaking } from "./replacement.ts";
import { dropEventTriggerStatement } from "./sql/event-trigger.ts";

const payload = v.strictObject({ name: eventTriggerSchema.entries.name });

type DropEventTrigger = v.InferOutput<typeof payload>;

const made = "create function f() returns event_trigger language plpgsql as ' begin end '";

export const dropEventTrigger = defineOperation<"dropEventTrigger", DropEventTrigger>({
  kind: "dropEventTrigger",
  family: "routines & views",
  product: false,
  summary: "remove an event trigger",
  base: "high",
  reasons: [],
  payload,
  on: ["drop eventTrigger"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "eventTrigger" ? { name: change.before.name } : undefined,
  describe: (op) => quoteIdent(op.name),
  emit: (op) => [together(dropEventTriggerStatement(op))],
  invert: (op, before) =>
    remaking(before, "eventTrigger", makeId("eventTrigger", op.name), (trigger) => [
      operation("createEventTrigger", { trigger }),
    ]),
  predict: (op) => [{ drop: makeId("eventTrigger", op.name) }],
  risks: () => [finding("high", undefined, "what it checked or recorded is no longer done, without an error")],
  examples: [
    {
      name: "plain",
      before: `${made}; create event trigger watch on ddl_command_end execute function f()`,
      op: { name: "watch" },
      after: made,
    },
    {
      name: "that always fires, with a comment, quoted names",
      before: `${made}; create event trigger "Watch It" on sql_drop when tag in ('DROP TABLE') execute function f();
        comment on event trigger "Watch It" is 'x'; alter event trigger "Watch It" enable always`,
      op: { name: "Watch It" },
      after: made,
    },
    {
      name: "one of two",
      before: `${made}; create event trigger a on ddl_command_end execute function f(); create event trigger b on sql_drop execute function f()`,
      op: { name: "b" },
      after: `${made}; create event trigger a on ddl_command_end execute function f()`,
    },
  ],
});
