/** The shape of what says how tables are stored and searched beside columns and indexes, and of exclusion constraints. */
import * as v from "valibot";
import { common, flag, inTable, limits, name, names, text, texts } from "./members.ts";

/** `name=value` each, in the order in which the server keeps them. */
export const storageOptions = v.optional(v.pipe(v.array(text), v.maxLength(limits.listLength)));

/** Members of a column about how its values are stored; absent ones are the type's and the server's defaults. */
export const columnStorage = {
  storage: v.optional(v.picklist(["plain", "external", "extended", "main"])),
  compression: v.optional(v.picklist(["pglz", "lz4"])),
};

/** Members of a column about what ANALYZE gathers. */
export const columnStatistics = {
  statistics: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000))),
  options: storageOptions,
};

/** What of a row old values are sent of in logical replication; absent: those of the primary key. */
export const replicaIdentitySchema = v.strictObject({
  kind: v.literal("replicaIdentity"),
  schema: name,
  table: name,
  mode: v.picklist(["full", "nothing", "index"]),
  /** with the mode of that name, and only there */
  index: v.optional(name),
  dependsOn: v.optional(texts),
});
/** The index by which CLUSTER orders a table unless told otherwise. */
export const clusteringSchema = v.strictObject({
  kind: v.literal("clustering"),
  schema: name,
  table: name,
  index: name,
  dependsOn: v.optional(texts),
});
export const exclusionSchema = v.strictObject({
  kind: v.literal("exclusion"),
  ...inTable,
  /** what follows EXCLUDE in pg_get_constraintdef, without the words on deferral */
  definition: text,
  /** plain columns among the elements */
  columns: names,
  deferrable: flag,
  initiallyDeferred: flag,
});
export const statisticsSchema = v.strictObject({
  kind: v.literal("statistics"),
  schema: name,
  name,
  on: v.strictObject({ schema: name, table: name }),
  /** what pg_get_statisticsobjdef prints between the name and FROM: `(ndistinct) ON a, b` */
  definition: text,
  /** absent: that of the columns */
  target: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000))),
  ...common,
});
