/** The shape of what reads other servers: wrappers, servers, user mappings and foreign tables. Values that may be secret are no part of it. */
import * as v from "valibot";
import { common, flag, limits, name, optionalText, text } from "./members.ts";

/** Options by name, in the order of the names; those whose value may be a secret are left out. */
export const foreignOptionsSchema = v.optional(
  v.pipe(v.array(v.strictObject({ name: text, value: text })), v.maxLength(limits.listLength)),
);
const routine = v.optional(v.strictObject({ schema: name, name }));

export const foreignDataWrapperSchema = v.strictObject({
  kind: v.literal("foreignDataWrapper"),
  name,
  /** absent: its servers cannot be read */
  handler: routine,
  /** absent: options are not checked */
  validator: routine,
  options: foreignOptionsSchema,
  ...common,
});
export const foreignServerSchema = v.strictObject({
  kind: v.literal("foreignServer"),
  name,
  wrapper: name,
  type: optionalText,
  version: optionalText,
  options: foreignOptionsSchema,
  ...common,
});
export const userMappingSchema = v.strictObject({
  kind: v.literal("userMapping"),
  server: name,
  /** a role; `public`, which no role is called, for whoever has no mapping of their own */
  name,
  options: foreignOptionsSchema,
  ...common,
});
export const foreignColumnSchema = v.strictObject({
  name,
  type: text,
  /** only when it is not the type's own; qualified and quoted */
  collation: optionalText,
  notNull: flag,
  default: optionalText,
  generated: v.optional(v.strictObject({ expression: text, storage: v.picklist(["stored", "virtual"]) })),
  options: foreignOptionsSchema,
  comment: optionalText,
});
/** A statement about rows elsewhere: the planner believes it, nobody checks it. */
export const foreignCheckSchema = v.strictObject({
  name,
  /** the expression with its outer parentheses */
  expression: text,
  noInherit: flag,
  notValid: flag,
  comment: optionalText,
});
export const foreignTableSchema = v.strictObject({
  kind: v.literal("foreignTable"),
  schema: name,
  name,
  server: name,
  options: foreignOptionsSchema,
  columns: v.pipe(v.array(foreignColumnSchema), v.maxLength(limits.listLength)),
  /** in the order of their names */
  checks: v.optional(v.pipe(v.array(foreignCheckSchema), v.maxLength(limits.listLength))),
  ...common,
});

export type ForeignOptions = NonNullable<v.InferOutput<typeof foreignOptionsSchema>>;
export type ForeignColumn = v.InferOutput<typeof foreignColumnSchema>;
export type ForeignCheck = v.InferOutput<typeof foreignCheckSchema>;
