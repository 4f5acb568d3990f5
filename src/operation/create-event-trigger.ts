/** createEventTrigger: an event trigger, or another in the place of one: nothing of them but when they fire can be altered. */
import * as v from "valibot";
import { eventTriggerSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { additionOf, isPartOfReplacement } from "./replacement.ts";
import { commentStatements } from "./sql/comment.ts";
import { createEventTriggerStatements, dropEventTriggerStatement } from "./sql/event-trigger.ts";

const payload = v.strictObject({
  trigger: eventTriggerSchema,
  /** the one of the same name that this one takes the place of */
  replaces: v.optional(eventTriggerSchema),
});

type CreateEventTrigger = v.InferOutput<typeof payload>;

const made = `create function f() returns event_trigger language plpgsql as ' begin end ';
  create function "F" () returns event_trigger language plpgsql as ' begin end '`;

export const createEventTrigger = defineOperation<"createEventTrigger", CreateEventTrigger>({
  kind: "createEventTrigger",
  family: "routines & views",
  product: false,
  summary: "add an event trigger, or put another in its place",
  base: "high",
  baseNote: "low when it does not fire; takes a superuser before 17",
  reasons: [],
  payload,
  on: ["create eventTrigger", "alter eventTrigger.*", "alter eventTrigger.comment"],
  claims: (change) => {
    const addition = additionOf("eventTrigger", change, () => ["firing"]);
    if (addition === undefined) return undefined;
    const { object, replaces } = addition;
    return { trigger: object, ...(replaces === undefined ? {} : { replaces }) };
  },
  absorbs: (op, change) => isPartOfReplacement(op.trigger, op.replaces, change),
  describe: ({ trigger }) => quoteIdent(trigger.name),
  emit: ({ trigger, replaces }) => [
    together(
      ...(replaces === undefined ? [] : [dropEventTriggerStatement(replaces)]),
      ...createEventTriggerStatements(trigger),
      ...commentStatements(trigger),
    ),
  ],
  invert: ({ trigger, replaces }) => ({
    reversible: true,
    operations: [
      replaces === undefined
        ? operation("dropEventTrigger", { name: trigger.name })
        : operation("createEventTrigger", { trigger: replaces, replaces: trigger }),
    ],
  }),
  predict: ({ trigger }) => [{ put: trigger }],
  risks: ({ trigger }) => [
    trigger.firing === "never"
      ? finding("low", undefined, "it does not fire until it is enabled")
      : finding(
          "high",
          undefined,
          "runs on every such command in the database, this tool's own among them, and can stop it",
        ),
  ],
  examples: [
    {
      name: "on every command",
      before: made,
      op: {
        trigger: {
          kind: "eventTrigger",
          name: "watch",
          event: "ddl_command_end",
          function: { schema: "public", name: "f" },
        },
      },
      after: `${made}; create event trigger watch on ddl_command_end execute function f()`,
    },
    {
      name: "for some commands, never firing, quoted names, with a comment",
      before: made,
      op: {
        trigger: {
          kind: "eventTrigger",
          name: "Watch It",
          event: "sql_drop",
          tags: ["DROP TABLE", "DROP VIEW"],
          function: { schema: "public", name: "F" },
          firing: "never",
          comment: "it's watched",
        },
      },
      after: `${made}; create event trigger "Watch It" on sql_drop when tag in ('DROP TABLE', 'DROP VIEW') execute function "F"();
        comment on event trigger "Watch It" is 'it''s watched'; alter event trigger "Watch It" disable`,
    },
    {
      name: "for another event in place of one, the comment stays",
      before: `${made}; create event trigger watch on sql_drop execute function f(); comment on event trigger watch is 'x'`,
      op: {
        trigger: {
          kind: "eventTrigger",
          name: "watch",
          event: "ddl_command_start",
          function: { schema: "public", name: "f" },
          comment: "x",
        },
        replaces: {
          kind: "eventTrigger",
          name: "watch",
          event: "sql_drop",
          function: { schema: "public", name: "f" },
          comment: "x",
        },
      },
      after: `${made}; create event trigger watch on ddl_command_start execute function f(); comment on event trigger watch is 'x'`,
    },
  ],
});
