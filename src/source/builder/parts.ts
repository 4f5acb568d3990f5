/** Indexes, constraints and policies of a model, in terms of its fields. */
import { brand } from "./brand.ts";
import type { UniqueOptions } from "./field.ts";
import type { Sql } from "./raw-sql.ts";
import type { ForeignKeyOptions, ModelReference } from "./relation.ts";

/** One key of an index: a field or an expression, and how it is sorted. */
export interface IndexKey<K extends string> {
  readonly key: K | Sql;
  readonly order?: "asc" | "desc";
  readonly nulls?: "first" | "last";
  /** name of a collation */
  readonly collate?: string;
  /** name of an operator class, with parameters if it takes any: `gin_trgm_ops` */
  readonly opclass?: string;
}

export interface IndexState<K extends string> {
  readonly keys: readonly (K | Sql | IndexKey<K>)[];
  readonly name?: string;
  readonly unique?: boolean;
  readonly method?: string;
  readonly include?: readonly string[];
  readonly nullsNotDistinct?: boolean;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly where?: Sql;
  readonly comment?: string;
}

/** An index; each modifier gives a new one. */
export interface IndexBuilder<K extends string = string> {
  readonly [brand]: "index";
  readonly state: IndexState<K>;
  unique(options?: { readonly nullsNotDistinct?: boolean }): IndexBuilder<K>;
  /** The access method: btree (the default), hash, gin, gist, spgist, brin, or one of an extension. */
  using(method: string): IndexBuilder<K>;
  /** Further columns that an index-only scan can return. */
  include<const I extends string>(fields: readonly I[]): IndexBuilder<K | I>;
  /** Storage parameters: `{ fillfactor: 70 }`. */
  with(parameters: Readonly<Record<string, string | number | boolean>>): IndexBuilder<K>;
  /** The rows it covers. */
  where(condition: Sql): IndexBuilder<K>;
  named(name: string): IndexBuilder<K>;
  comment(text: string): IndexBuilder<K>;
}

/** An index over fields and expressions: `index(["email"])`, `index([sql`lower(email)`]).unique()`. */
export function index<const T extends string | Sql | IndexKey<string>>(keys: readonly T[]): IndexBuilder<KeyOf<T>> {
  // The keys are as narrow as the type says: T is made of them.
  return makeIndex({ keys: keys as readonly (Sql | IndexKey<string>)[] as IndexState<KeyOf<T>>["keys"] });
}

/** The fields among the keys of an index. */
type KeyOf<T> = T extends string ? T : T extends { readonly key: infer K } ? Extract<K, string> : never;

function makeIndex<K extends string>(state: IndexState<K>): IndexBuilder<K> {
  const change = (members: Partial<IndexState<K>>): IndexBuilder<K> => makeIndex({ ...state, ...members });
  return {
    [brand]: "index",
    state,
    unique: (options = {}) => change({ ...options, unique: true }),
    using: (method) => change({ method }),
    include: (fields) => makeIndex({ ...state, include: fields }),
    with: (parameters) => change({ with: parameters }),
    where: (condition) => change({ where: condition }),
    named: (name) => change({ name }),
    comment: (text) => change({ comment: text }),
  };
}

export interface ConstraintOptions {
  readonly name?: string;
  readonly deferrable?: boolean;
  readonly initiallyDeferred?: boolean;
  readonly comment?: string;
}

export interface KeyConstraint<K extends string = string> {
  readonly [brand]: "primaryKey" | "unique";
  readonly fields: readonly K[];
  readonly options: ConstraintOptions & UniqueOptions & { readonly include?: readonly K[] };
}

/** A unique constraint; each modifier gives a new one. */
export interface UniqueBuilder<K extends string = string> extends KeyConstraint<K> {
  /** Two nulls count as equal (Postgres 15 and later). */
  nullsNotDistinct(): UniqueBuilder<K>;
  named(name: string): UniqueBuilder<K>;
}

export interface CheckConstraint {
  readonly [brand]: "check";
  readonly name: string;
  readonly expression: Sql;
  readonly options: { readonly noInherit?: boolean; readonly comment?: string };
}

export interface ForeignKeyConstraint<K extends string = string> {
  readonly [brand]: "foreignKey";
  readonly fields: readonly K[];
  readonly target: ModelReference;
  readonly references: readonly string[] | undefined;
  readonly options: ForeignKeyOptions;
}

export type ModelConstraint<K extends string = string> =
  | KeyConstraint<K>
  | UniqueBuilder<K>
  | CheckConstraint
  | ForeignKeyConstraint<K>;

/** A primary key of several fields; for one field there is `.primaryKey()`. */
export function primaryKey<const K extends string>(
  fields: readonly K[],
  options: ConstraintOptions & { readonly include?: readonly K[] } = {},
): KeyConstraint<K> {
  return { [brand]: "primaryKey", fields, options };
}

/** A unique constraint over several fields: `unique(["org", "slug"]).nullsNotDistinct()`. */
export function unique<const K extends string>(
  fields: readonly K[],
  options: ConstraintOptions & UniqueOptions & { readonly include?: readonly K[] } = {},
): UniqueBuilder<K> {
  return {
    [brand]: "unique",
    fields,
    options,
    nullsNotDistinct: () => unique(fields, { ...options, nullsNotDistinct: true }),
    named: (name) => unique(fields, { ...options, name }),
  };
}

/** A check constraint: check("credit_positive", sql`credit >= 0`). */
export function check(name: string, expression: Sql, options: CheckConstraint["options"] = {}): CheckConstraint {
  return { [brand]: "check", name, expression, options };
}

/** A foreign key without a relation: `foreignKey(["a", "b"], () => Other, ["x", "y"], { onDelete: "cascade" })`. */
export function foreignKey<const K extends string>(
  fields: readonly K[],
  target: ModelReference,
  references?: readonly string[],
  options: ForeignKeyOptions = {},
): ForeignKeyConstraint<K> {
  return { [brand]: "foreignKey", fields, target, references, options };
}

export interface PolicyOptions {
  /** the command it is for; all of them without it */
  readonly for?: "all" | "select" | "insert" | "update" | "delete";
  /** roles it applies to; everybody without it */
  readonly to?: readonly string[];
  readonly using?: Sql;
  readonly check?: Sql;
  /** must hold in addition to the others instead of being enough by itself */
  readonly restrictive?: boolean;
  readonly comment?: string;
}

export interface Policy {
  readonly [brand]: "policy";
  readonly name: string;
  readonly options: PolicyOptions;
}

/** A row level security policy: policy("own rows", { for: "select", to: ["app"], using: sql`…` }). */
export function policy(name: string, options: PolicyOptions): Policy {
  return { [brand]: "policy", name, options };
}
