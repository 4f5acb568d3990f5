/**
 * What `import … from "zanith"` gives a schema module: models, enums, field types, relations, indexes, constraints,
 * policies, expressions and whole statements in SQL. Everything exported here is public.
 */
export { defineEnum, defineExtension, type Enum, type EnumOptions, type Extension, type PlaceOptions } from "./enum.ts";
export type { Field, IdentityOptions, UniqueOptions } from "./field.ts";
export { defineModel, type FieldKey, type Fields, type Model, type ModelDefinition } from "./model.ts";
export { graphOfModule } from "./module-graph.ts";
export {
  type CheckConstraint,
  type ConstraintOptions,
  check,
  type ForeignKeyConstraint,
  foreignKey,
  type IndexBuilder,
  type IndexKey,
  index,
  type KeyConstraint,
  type ModelConstraint,
  type Policy,
  type PolicyOptions,
  policy,
  primaryKey,
  type UniqueBuilder,
  unique,
} from "./parts.ts";
export { name, type Sql, type SqlValue, sql } from "./raw-sql.ts";
export {
  type BelongsTo,
  type BelongsToOptions,
  belongsTo,
  type ForeignKeyOptions,
  type HasRelation,
  hasMany,
  hasOne,
  type ModelReference,
  type ReferentialAction,
  type Relation,
} from "./relation.ts";
export { defineSql, type SqlBlock, type SqlBlockOptions } from "./sql-block.ts";
export * from "./types.ts";
