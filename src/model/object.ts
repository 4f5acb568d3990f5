/**
 * The shape of every kind of schema object, as one valibot schema each: the TypeScript types, the check of JSON from a
 * stranger and the payloads of operations all come from here. Optional members are absent when they hold Postgres's default.
 */
import * as v from "valibot";
import {
  foreignDataWrapperSchema,
  foreignServerSchema,
  foreignTableSchema,
  userMappingSchema,
} from "./foreign-objects.ts";
import { defaultPrivilegesSchema, grantSchema } from "./grant.ts";
import {
  common,
  flag,
  inTable,
  labels,
  limits,
  name,
  names,
  optionalNames,
  optionalText,
  tablespace,
  text,
  texts,
} from "./members.ts";
import { ownerSchema } from "./owner.ts";
import { publicationSchema } from "./publication.ts";
import {
  aggregateSchema,
  eventTriggerSchema,
  functionSchema,
  materializedViewSchema,
  procedureSchema,
  ruleSchema,
  triggerSchema,
  viewSchema,
} from "./routine-objects.ts";
import {
  clusteringSchema,
  columnStatistics,
  columnStorage,
  exclusionSchema,
  replicaIdentitySchema,
  statisticsSchema,
  storageOptions,
} from "./storage-objects.ts";
import { textSearchConfigurationSchema, textSearchDictionarySchema } from "./text-search-objects.ts";
import {
  collationSchema,
  compositeTypeSchema,
  domainCheckSchema,
  domainSchema,
  rangeTypeSchema,
} from "./type-objects.ts";

export * from "./foreign-objects.ts";
export type { DefaultPrivileges, Grant } from "./grant.ts";
export { limits } from "./members.ts";
export type { Owner } from "./owner.ts";
export { publicationSchema } from "./publication.ts";
export * from "./routine-objects.ts";
export * from "./storage-objects.ts";
export * from "./text-search-objects.ts";
export * from "./type-objects.ts";

/** Sequence options shared by free sequences and identity columns; absent members are the type's defaults. */
export const sequenceOptionsSchema = v.strictObject({
  start: optionalText,
  increment: optionalText,
  min: optionalText,
  max: optionalText,
  cache: optionalText,
  cycle: flag,
});

export const schemaSchema = v.strictObject({ kind: v.literal("schema"), name, ...common });
export const extensionSchema = v.strictObject({ kind: v.literal("extension"), name, schema: name, ...common });
export const enumSchema = v.strictObject({ kind: v.literal("enum"), schema: name, name, values: labels, ...common });
export const sequenceSchema = v.strictObject({
  kind: v.literal("sequence"),
  schema: name,
  name,
  /** integer type: smallint, integer or bigint (the default) */
  type: optionalText,
  ...sequenceOptionsSchema.entries,
  ownedBy: v.optional(v.strictObject({ table: name, column: name })),
  ...common,
});
export const tableSchema = v.strictObject({
  kind: v.literal("table"),
  schema: name,
  name,
  unlogged: flag,
  /** how it is divided, as pg_get_partkeydef prints it: `RANGE (created_at)`; absent for a table that holds its rows itself */
  partitionBy: optionalText,
  /** the table it is a partition of, with its bound as pg_get_expr prints it */
  partitionOf: v.optional(v.strictObject({ schema: name, table: name, bound: text })),
  /** the tables it inherits from, in order; never for a partition */
  inherits: v.optional(v.pipe(v.array(v.strictObject({ schema: name, table: name })), v.maxLength(limits.listLength))),
  /** storage parameters, those of the table for long values apart */
  options: storageOptions,
  toastOptions: storageOptions,
  tablespace,
  ...common,
});
export const columnSchema = v.strictObject({
  kind: v.literal("column"),
  ...inTable,
  /** 1-based place among the table's live columns: part of the hash, but nothing a diff can change */
  position: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1600))),
  /** the type as format_type prints it with an empty search_path */
  type: text,
  notNull: flag,
  /** the name of its NOT NULL constraint where that came from a parent (18): part of the hash, but nothing a diff can change */
  notNullName: v.optional(name),
  /** it is there because a parent has it and is not declared here; never for a partition, where that is so of every column */
  inherited: flag,
  default: optionalText,
  /** only when it is not the type's own collation; qualified and quoted */
  collation: optionalText,
  ...columnStorage,
  ...columnStatistics,
  identity: v.optional(
    v.strictObject({
      generation: v.picklist(["always", "by default"]),
      sequence: v.optional(name),
      ...sequenceOptionsSchema.entries,
    }),
  ),
  generated: v.optional(v.strictObject({ expression: text, storage: v.picklist(["stored", "virtual"]) })),
});
/**
 * What NOT NULL of a column has beside being there (18): there only where it is not as SET NOT NULL makes it, and not where
 * it came from a parent.
 */
export const notNullSchema = v.strictObject({
  kind: v.literal("notNull"),
  schema: name,
  table: name,
  column: name,
  /** that of the constraint */
  name,
  noInherit: flag,
  notValid: flag,
  ...common,
});
const deferral = { deferrable: flag, initiallyDeferred: flag };
/** Of keys and indexes in a hierarchy of partitions. */
const divided = {
  /** on a partitioned table: it has no rows of its own, those of the partitions are attached to it */
  partitioned: flag,
  /** the key or index of the parent it is the part of for this partition */
  attachedTo: v.optional(
    v.strictObject({ kind: v.picklist(["primaryKey", "unique", "index"]), schema: name, table: name, name }),
  ),
};
const keyMembers = {
  columns: names,
  include: optionalNames,
  /** rows with the same values in the other columns may not overlap in the last one, a range (18) */
  withoutOverlaps: flag,
  ...deferral,
  ...divided,
  tablespace,
};
export const primaryKeySchema = v.strictObject({ kind: v.literal("primaryKey"), ...inTable, ...keyMembers });
export const uniqueSchema = v.strictObject({
  kind: v.literal("unique"),
  ...inTable,
  ...keyMembers,
  nullsNotDistinct: flag,
});
const action = v.optional(v.picklist(["cascade", "restrict", "set null", "set default"]));
export const foreignKeySchema = v.strictObject({
  kind: v.literal("foreignKey"),
  ...inTable,
  columns: names,
  references: v.strictObject({ schema: name, table: name, columns: names }),
  match: v.optional(v.literal("full")),
  onUpdate: action,
  onDelete: action,
  /** the columns of ON DELETE SET NULL/DEFAULT (15 and later), when not all */
  onDeleteColumns: optionalNames,
  /** the last column is a range: all of it has to be covered by rows that match in the others (18) */
  period: flag,
  ...deferral,
  notValid: flag,
  /** nothing checks it (18); it is never valid then, and notValid is not said as well */
  notEnforced: flag,
  /** on a partitioned table: its partitions have it too, without being listed */
  partitioned: flag,
});
export const checkSchema = v.strictObject({
  kind: v.literal("check"),
  ...inTable,
  /** the expression with its outer parentheses, as pg_get_constraintdef prints it after CHECK */
  expression: text,
  noInherit: flag,
  notValid: flag,
  /** as for a foreign key */
  notEnforced: flag,
  /** it is there because a parent has it and is not declared here; never for a partition, where every such check is */
  inherited: flag,
});
export const indexSchema = v.strictObject({
  kind: v.literal("index"),
  ...inTable,
  unique: flag,
  /** what follows USING in pg_get_indexdef: method, keys, INCLUDE, NULLS NOT DISTINCT, WITH, WHERE */
  definition: text,
  /** plain columns among keys and INCLUDE */
  columns: names,
  /** left behind by a failed CREATE INDEX CONCURRENTLY */
  invalid: flag,
  /** what it is on, when not a table */
  on: v.optional(v.literal("materializedView")),
  ...divided,
  tablespace,
});
export const rowSecuritySchema = v.strictObject({
  kind: v.literal("rowSecurity"),
  schema: name,
  table: name,
  enabled: flag,
  forced: flag,
  dependsOn: v.optional(texts),
});
export const policySchema = v.strictObject({
  kind: v.literal("policy"),
  ...inTable,
  command: v.optional(v.picklist(["select", "insert", "update", "delete"])),
  restrictive: flag,
  /** absent: PUBLIC */
  roles: optionalNames,
  using: optionalText,
  check: optionalText,
});

/** Every object schema by kind. A new kind of object is a schema above, a line here and a line in kinds.ts. */
export const objectSchemas = {
  schema: schemaSchema,
  extension: extensionSchema,
  enum: enumSchema,
  domain: domainSchema,
  domainCheck: domainCheckSchema,
  compositeType: compositeTypeSchema,
  rangeType: rangeTypeSchema,
  collation: collationSchema,
  textSearchDictionary: textSearchDictionarySchema,
  textSearchConfiguration: textSearchConfigurationSchema,
  sequence: sequenceSchema,
  table: tableSchema,
  column: columnSchema,
  notNull: notNullSchema,
  primaryKey: primaryKeySchema,
  unique: uniqueSchema,
  foreignKey: foreignKeySchema,
  check: checkSchema,
  index: indexSchema,
  rowSecurity: rowSecuritySchema,
  replicaIdentity: replicaIdentitySchema,
  clustering: clusteringSchema,
  exclusion: exclusionSchema,
  statistics: statisticsSchema,
  policy: policySchema,
  function: functionSchema,
  procedure: procedureSchema,
  aggregate: aggregateSchema,
  trigger: triggerSchema,
  rule: ruleSchema,
  view: viewSchema,
  materializedView: materializedViewSchema,
  eventTrigger: eventTriggerSchema,
  foreignDataWrapper: foreignDataWrapperSchema,
  foreignServer: foreignServerSchema,
  userMapping: userMappingSchema,
  foreignTable: foreignTableSchema,
  publication: publicationSchema,
  grant: grantSchema,
  defaultPrivileges: defaultPrivilegesSchema,
  owner: ownerSchema,
} as const;

export type ObjectKind = keyof typeof objectSchemas;
export type ObjectOf<K extends ObjectKind> = v.InferOutput<(typeof objectSchemas)[K]>;
export type SchemaObject = { [K in ObjectKind]: ObjectOf<K> }[ObjectKind];

export type SequenceOptions = v.InferOutput<typeof sequenceOptionsSchema>;
export type Schema = ObjectOf<"schema">;
export type Extension = ObjectOf<"extension">;
export type Enum = ObjectOf<"enum">;
export type Domain = ObjectOf<"domain">;
export type DomainCheck = ObjectOf<"domainCheck">;
export type CompositeType = ObjectOf<"compositeType">;
export type RangeType = ObjectOf<"rangeType">;
export type Collation = ObjectOf<"collation">;
export type TextSearchDictionary = ObjectOf<"textSearchDictionary">;
export type TextSearchConfiguration = ObjectOf<"textSearchConfiguration">;
export type Sequence = ObjectOf<"sequence">;
export type Table = ObjectOf<"table">;
export type Column = ObjectOf<"column">;
export type NotNull = ObjectOf<"notNull">;
export type PrimaryKey = ObjectOf<"primaryKey">;
export type Unique = ObjectOf<"unique">;
export type ForeignKey = ObjectOf<"foreignKey">;
export type Check = ObjectOf<"check">;
export type Index = ObjectOf<"index">;
export type RowSecurity = ObjectOf<"rowSecurity">;
export type ReplicaIdentity = ObjectOf<"replicaIdentity">;
export type Clustering = ObjectOf<"clustering">;
export type Exclusion = ObjectOf<"exclusion">;
export type Statistics = ObjectOf<"statistics">;
export type Policy = ObjectOf<"policy">;
export type Routine = ObjectOf<"function" | "procedure" | "aggregate">;
export type Trigger = ObjectOf<"trigger">;
export type Rule = ObjectOf<"rule">;
export type View = ObjectOf<"view">;
export type MaterializedView = ObjectOf<"materializedView">;
export type EventTrigger = ObjectOf<"eventTrigger">;
export type ForeignDataWrapper = ObjectOf<"foreignDataWrapper">;
export type ForeignServer = ObjectOf<"foreignServer">;
export type UserMapping = ObjectOf<"userMapping">;
export type ForeignTable = ObjectOf<"foreignTable">;
export type Publication = ObjectOf<"publication">;
