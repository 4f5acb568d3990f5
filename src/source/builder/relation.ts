/** Relations of a model: what belongs to what. Only `belongsTo` becomes a foreign key; the other two are checked against it. */
import { brand } from "./brand.ts";

/** What happens to the referring rows. */
export type ReferentialAction = "no action" | "cascade" | "restrict" | "set null" | "set default";

/** Members of a foreign key besides its columns. */
export interface ForeignKeyOptions {
  readonly onDelete?: ReferentialAction;
  readonly onUpdate?: ReferentialAction;
  readonly match?: "simple" | "full";
  readonly deferrable?: boolean;
  readonly initiallyDeferred?: boolean;
  /** name of the constraint; `<table>_<columns>_fkey` without it */
  readonly name?: string;
  readonly comment?: string;
}

/** A function that gives a model; a function because the model may be defined further down or in another file. */
export type ModelReference = () => void;

/** The model's own fields that refer, and the fields of the other model; its primary key when those are left out. */
export interface BelongsToOptions<K extends string> extends ForeignKeyOptions {
  /** the field that refers: `<relation>Id` without it */
  readonly field?: K;
  /** for a key of several fields, instead of `field` */
  readonly fields?: readonly K[];
  readonly references?: string | readonly string[];
}

export interface BelongsTo<K extends string = string> {
  readonly [brand]: "belongsTo";
  readonly target: ModelReference;
  readonly options: BelongsToOptions<K>;
}

export interface HasRelation {
  readonly [brand]: "hasMany" | "hasOne";
  readonly target: ModelReference;
  /** which `belongsTo` of the other model it is the other side of; needed when there are several */
  readonly inverse: string | undefined;
}

export type Relation<K extends string = string> = BelongsTo<K> | HasRelation;

/**
 * The model refers to another: `org: belongsTo(() => Org, { field: "orgId", onDelete: "cascade" })`.
 *
 * `target` returns the model. It is typed `() => void` so that two models may refer to each other: TypeScript does not
 * infer the result of a function whose result is void, and would go in circles otherwise.
 */
export function belongsTo(target: ModelReference, options?: BelongsToOptions<never>): BelongsTo<never>;
export function belongsTo<const K extends string>(target: ModelReference, options: BelongsToOptions<K>): BelongsTo<K>;
export function belongsTo(target: ModelReference, options: BelongsToOptions<string> = {}): BelongsTo {
  return { [brand]: "belongsTo", target, options };
}

/** Rows of another model refer to this one: `posts: hasMany(() => Post)`. The other model must say `belongsTo`. */
export function hasMany(target: ModelReference, options: { readonly inverse?: string } = {}): HasRelation {
  return { [brand]: "hasMany", target, inverse: options.inverse };
}

/** At most one row of another model refers to this one: the fields of its `belongsTo` must be unique. */
export function hasOne(target: ModelReference, options: { readonly inverse?: string } = {}): HasRelation {
  return { [brand]: "hasOne", target, inverse: options.inverse };
}
