/** The shape of routines, views and what fires on tables. The text of each is the one the server prints. */
import * as v from "valibot";
import { common, flag, inTable, limits, name, optionalText, text, texts } from "./members.ts";

const routineParameter = v.strictObject({
  name: v.optional(name),
  /** absent: it goes in */
  mode: v.optional(v.picklist(["out", "inout", "variadic", "table"])),
  type: text,
  hasDefault: flag,
});
const routineMembers = {
  schema: name,
  name,
  /** the types that tell routines of one name apart, as in DROP FUNCTION f(…) */
  arguments: text,
  parameters: v.optional(v.pipe(v.array(routineParameter), v.maxLength(limits.listLength))),
  /** what the server prints after RETURNS; absent for procedures */
  returns: optionalText,
  /** the whole CREATE statement */
  definition: text,
  ...common,
};
export const functionSchema = v.strictObject({ kind: v.literal("function"), ...routineMembers });
export const procedureSchema = v.strictObject({ kind: v.literal("procedure"), ...routineMembers });
export const aggregateSchema = v.strictObject({ kind: v.literal("aggregate"), ...routineMembers });
/** When it fires; absent: in sessions that are not applying what another server replicates. */
const firing = v.optional(v.picklist(["never", "replica", "always"]));
/** What it is on, when not a table. */
const onView = v.optional(v.literal("view"));
export const triggerSchema = v.strictObject({
  kind: v.literal("trigger"),
  ...inTable,
  on: onView,
  /** the whole CREATE TRIGGER statement, as pg_get_triggerdef prints it */
  definition: text,
  firing,
});
export const ruleSchema = v.strictObject({
  kind: v.literal("rule"),
  ...inTable,
  on: onView,
  /** the whole CREATE RULE statement, as pg_get_ruledef prints it */
  definition: text,
  firing,
});
const queryMembers = {
  schema: name,
  name,
  columns: v.pipe(
    v.array(v.strictObject({ name, type: text, collation: optionalText })),
    v.maxLength(limits.listLength),
  ),
  /** the query, as pg_get_viewdef prints it */
  definition: text,
  columnComments: v.optional(
    v.pipe(v.array(v.strictObject({ column: name, comment: text })), v.maxLength(limits.listLength)),
  ),
  ...common,
};
export const viewSchema = v.strictObject({
  kind: v.literal("view"),
  ...queryMembers,
  /** `security_invoker=true` and the like, as they are stored; check_option among them */
  options: v.optional(texts),
});
export const materializedViewSchema = v.strictObject({
  kind: v.literal("materializedView"),
  ...queryMembers,
  /** made WITH NO DATA and not refreshed since: it cannot be read */
  unpopulated: flag,
});
export const eventTriggerSchema = v.strictObject({
  kind: v.literal("eventTrigger"),
  name,
  event: text,
  /** the commands it is for; absent: all */
  tags: v.optional(texts),
  function: v.strictObject({ schema: name, name }),
  firing,
  ...common,
});
