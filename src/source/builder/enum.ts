/** Enums and extensions of a schema module. */
import { brand, brandOf, modelError } from "./brand.ts";

/** An enum type; `V` is the union of its values. */
export interface Enum<V extends string = string> {
  readonly [brand]: "enum";
  readonly name: string;
  readonly schema: string;
  readonly values: readonly V[];
  readonly comment: string | undefined;
}

/** An extension the schema needs. */
export interface Extension {
  readonly [brand]: "extension";
  readonly name: string;
  readonly schema: string;
  readonly comment: string | undefined;
}

/** What an enum or extension may have besides its name. */
export interface PlaceOptions {
  /** the schema it is in; `public` without it */
  readonly schema?: string;
  readonly comment?: string;
}

/** An enum type with its values in order: `defineEnum("role", ["admin", "member"])`. */
export function defineEnum<const V extends readonly string[]>(
  name: string,
  values: V,
  options: PlaceOptions = {},
): Enum<V[number]> {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) throw modelError(`enum ${name}`, `the value ${JSON.stringify(twice)} is there twice`);
  return { [brand]: "enum", name, schema: options.schema ?? "public", values, comment: options.comment };
}

/** An extension: `defineExtension("citext")`. It is created before everything else. */
export function defineExtension(name: string, options: PlaceOptions = {}): Extension {
  return { [brand]: "extension", name, schema: options.schema ?? "public", comment: options.comment };
}

/** Whether a value was made by `defineEnum`. */
export function isEnum(value: unknown): value is Enum {
  return brandOf(value) === "enum";
}

/** Whether a value was made by `defineExtension`. */
export function isExtension(value: unknown): value is Extension {
  return brandOf(value) === "extension";
}
