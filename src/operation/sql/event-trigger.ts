/** The SQL of event triggers. */
import type { EventTrigger } from "../../model/object.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { type Statement, statement } from "../../sql/statement.ts";

/** CREATE EVENT TRIGGER, and whether it fires when that is not the usual thing. */
export function createEventTriggerStatements(trigger: EventTrigger): Statement[] {
  const { name, event, tags, function: called, firing } = trigger;
  const when = tags === undefined ? "" : ` when tag in (${tags.map(quoteLiteral).join(", ")})`;
  const run = `execute function ${qualified(called.schema, called.name)}()`;
  const create = statement(`create event trigger ${quoteIdent(name)} on ${quoteIdent(event)}${when} ${run}`);
  return firing === undefined ? [create] : [create, eventTriggerFiring(name, firing)];
}

/** ALTER EVENT TRIGGER … ENABLE or DISABLE, in one of its four forms. */
export function eventTriggerFiring(name: string, firing: EventTrigger["firing"]): Statement {
  const verbs = { never: "disable", replica: "enable replica", always: "enable always" } as const;
  return statement(`alter event trigger ${quoteIdent(name)} ${firing === undefined ? "enable" : verbs[firing]}`);
}

/** DROP EVENT TRIGGER. */
export function dropEventTriggerStatement({ name }: { readonly name: string }): Statement {
  return statement(`drop event trigger ${quoteIdent(name)}`);
}
