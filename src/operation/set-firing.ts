/** setFiring: whether a trigger or rule fires, and whether also (or only) where changes come from another server. */
import * as v from "valibot";
import { type ObjectId, objectId } from "../model/kinds.ts";
import { type SchemaObject, triggerSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords } from "./part.ts";
import { withMembers } from "./place.ts";
import { eventTriggerFiring } from "./sql/event-trigger.ts";
import { firingStatement } from "./sql/firing.ts";

const { schema, table, name, firing } = triggerSchema.entries;

const payload = v.strictObject({
  object: v.variant("kind", [
    v.strictObject({ kind: v.picklist(["trigger", "rule"]), schema, table, name }),
    v.strictObject({ kind: v.literal("eventTrigger"), name }),
  ]),
  /** absent: as triggers do unless told otherwise */
  from: firing,
  to: firing,
});

type SetFiring = v.InferOutput<typeof payload>;

const made = `create table users (id int); create function f() returns trigger language plpgsql as ' begin return null; end ';
  create trigger touch after insert on users for each row execute function f()`;

export const setFiring = defineOperation<"setFiring", SetFiring>({
  kind: "setFiring",
  family: "routines & views",
  product: false,
  summary: "say when a trigger or rule fires",
  base: "high",
  baseNote: "medium when it fires more often than before",
  reasons: [],
  payload,
  on: ["alter trigger.firing", "alter rule.firing", "alter eventTrigger.firing"],
  claims: (change) => {
    if (change.type !== "alter") return undefined;
    const { before, after } = change;
    if (before.kind === "eventTrigger" && after.kind === "eventTrigger") {
      return { object: { kind: after.kind, name: after.name }, ...ends(before.firing, after.firing) };
    }
    if ((after.kind !== "trigger" && after.kind !== "rule") || before.kind !== after.kind) return undefined;
    const { kind, schema, table, name } = after;
    return { object: { kind, schema, table, name }, ...ends((before as typeof after).firing, after.firing) };
  },
  describe: ({ object }) => (object.kind === "eventTrigger" ? quoteIdent(object.name) : partInWords(object)),
  emit: ({ object, to }) => [
    together(object.kind === "eventTrigger" ? eventTriggerFiring(object.name, to) : firingStatement(object, to)),
  ],
  invert: ({ object, from, to }) => ({
    reversible: true,
    operations: [operation("setFiring", { object, ...ends(to, from) })],
  }),
  predict: ({ object, to }, graph) => {
    const found = graph.objects.get(idOf(object));
    return found === undefined ? [] : [{ put: withMembers(found, { firing: to } as Partial<SchemaObject>) }];
  },
  risks: ({ to }) => [
    to === "never" || to === "replica"
      ? finding("high", undefined, "what it checked, filled in or recorded is no longer done for what clients write")
      : finding("medium", undefined, "what it is for runs its function from then on, and fails when that does"),
  ],
  examples: [
    {
      name: "never",
      before: made,
      op: { object: { kind: "trigger", schema: "public", table: "users", name: "touch" }, to: "never" },
      after: `${made}; alter table users disable trigger touch`,
    },
    {
      name: "again as usual",
      before: `${made}; alter table users disable trigger touch`,
      op: { object: { kind: "trigger", schema: "public", table: "users", name: "touch" }, from: "never" },
      after: made,
    },
    {
      name: "always, where it was only for replicas",
      before: `${made}; alter table users enable replica trigger touch`,
      op: {
        object: { kind: "trigger", schema: "public", table: "users", name: "touch" },
        from: "replica",
        to: "always",
      },
      after: `${made}; alter table users enable always trigger touch`,
    },
    {
      name: "a rule, never",
      before: "create table users (id int); create rule keep as on delete to users do instead nothing",
      op: { object: { kind: "rule", schema: "public", table: "users", name: "keep" }, to: "never" },
      after: `create table users (id int); create rule keep as on delete to users do instead nothing;
        alter table users disable rule keep`,
    },
    {
      name: "an event trigger, never",
      before: `create function f() returns event_trigger language plpgsql as ' begin end ';
        create event trigger watch on sql_drop execute function f()`,
      op: { object: { kind: "eventTrigger", name: "watch" }, to: "never" },
      after: `create function f() returns event_trigger language plpgsql as ' begin end ';
        create event trigger watch on sql_drop execute function f(); alter event trigger watch disable`,
    },
  ],
});

function ends(from: SetFiring["from"], to: SetFiring["to"]): Pick<SetFiring, "from" | "to"> {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function idOf(object: SetFiring["object"]): ObjectId {
  return objectId(object as unknown as SchemaObject);
}
