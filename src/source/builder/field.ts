/** A field of a model: an immutable value that each modifier copies. Says nothing about which types there are. */
import { brand, brandOf } from "./brand.ts";
import type { Enum } from "./enum.ts";
import type { Sql } from "./raw-sql.ts";

/** Options of the sequence behind an identity column; Postgres's defaults for those left out. */
export interface IdentityOptions {
  readonly start?: number | bigint;
  readonly increment?: number | bigint;
  readonly min?: number | bigint;
  readonly max?: number | bigint;
  readonly cache?: number | bigint;
  readonly cycle?: boolean;
  /** name of the sequence; `<table>_<column>_seq` without it */
  readonly sequence?: string;
}

/** Options of a unique constraint. */
export interface UniqueOptions {
  readonly name?: string;
  /** two nulls count as equal (Postgres 15 and later) */
  readonly nullsNotDistinct?: boolean;
}

/** A value as Postgres takes it in; `bare` when it is a constant of SQL as it stands (a number, true, false). */
export interface InputText {
  readonly text: string;
  readonly bare: boolean;
}

/** What has been said about a field. `default` is kept as given and turned into SQL when model and field are known. */
export interface FieldState {
  readonly column: string | undefined;
  /** the type as SQL, without array brackets */
  readonly type: string;
  readonly array: boolean;
  readonly enumeration?: Enum;
  /** a value in Postgres's input form; undefined for a value that does not belong to the type */
  readonly toInput: (value: unknown) => InputText | undefined;
  readonly notNull?: boolean;
  readonly primaryKey?: boolean;
  readonly unique?: UniqueOptions;
  readonly default?: { readonly value: unknown };
  readonly identity?: { readonly generation: "always" | "by default"; readonly options: IdentityOptions };
  readonly generated?: { readonly expression: Sql; readonly storage: "stored" | "virtual" };
  readonly collation?: string;
  readonly comment?: string;
  readonly renamedFrom?: string;
  readonly checks: readonly { readonly expression: Sql; readonly name: string | undefined }[];
}

/** A column of a model; `T` is what a default value looks like in TypeScript. */
export interface Field<T = unknown> {
  readonly [brand]: "field";
  readonly state: FieldState;
  notNull(): Field<T>;
  primaryKey(): Field<T>;
  unique(options?: UniqueOptions): Field<T>;
  /** A constant, or an expression in sql`…`. */
  default(value: T | Sql): Field<T>;
  /** `generated always as identity`, or `by default`. */
  identity(generation?: "always" | "by default", options?: IdentityOptions): Field<T>;
  /** A column computed from others of the row. `virtual` needs Postgres 18. */
  generatedAs(expression: Sql, storage?: "stored" | "virtual"): Field<T>;
  /** The type's array; call it before `default`. */
  array(): Field<readonly T[]>;
  /** The name of a collation, e.g. `C` or `de-x-icu`. */
  collate(name: string): Field<T>;
  check(expression: Sql, name?: string): Field<T>;
  comment(text: string): Field<T>;
  /** The name of the column before it was renamed; may stay once that is done. */
  renamedFrom(column: string): Field<T>;
}

/** A field in some state; each modifier gives a new one. */
export function makeField<T>(state: FieldState): Field<T> {
  const change = (members: Partial<FieldState>): Field<T> => makeField({ ...state, ...members });
  return {
    [brand]: "field",
    state,
    notNull: () => change({ notNull: true }),
    primaryKey: () => change({ primaryKey: true }),
    unique: (options = {}) => change({ unique: options }),
    default: (value) => change({ default: { value } }),
    identity: (generation = "always", options = {}) => change({ identity: { generation, options } }),
    generatedAs: (expression, storage = "stored") => change({ generated: { expression, storage } }),
    array: () => makeField({ ...state, array: true }),
    collate: (collation) => change({ collation }),
    check: (expression, name) => change({ checks: [...state.checks, { expression, name }] }),
    comment: (comment) => change({ comment }),
    renamedFrom: (renamedFrom) => change({ renamedFrom }),
  };
}

/** Whether a value is a field. */
export function isField(value: unknown): value is Field {
  return brandOf(value) === "field";
}
