/** Enums and extensions of a schema module. */
import { brand, brandOf, modelError } from "./brand.ts";

/** An enum type; `V` is the union of its values. */
export interface Enum<V extends string = string> {
  readonly [brand]: "enum";
  readonly name: string;
  readonly schema: string;
  readonly values: readonly V[];
  readonly comment: string | undefined;
  readonly renamedFrom: string | undefined;
  readonly renamedValues: Readonly<Record<string, string>>;
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

/** What an enum may have besides. */
export interface EnumOptions extends PlaceOptions {
  /** its name before it was renamed; may stay once that is done */
  readonly renamedFrom?: string;
  /** the old labels of values that were renamed, by their new ones */
  readonly renamedValues?: Readonly<Record<string, string>>;
}

/** An enum type with its values in order: `defineEnum("role", ["admin", "member"])`. */
export function defineEnum<const V extends readonly string[]>(
  name: string,
  values: V,
  options: EnumOptions = {},
): Enum<V[number]> {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) throw modelError(`enum ${name}`, `the value ${JSON.stringify(twice)} is there twice`);
  const { schema = "public", comment, renamedFrom, renamedValues = {} } = options;
  const unknown = Object.keys(renamedValues).find((value) => !values.includes(value));
  if (unknown !== undefined) throw modelError(`enum ${name}`, `it has no value ${JSON.stringify(unknown)}`);
  return { [brand]: "enum", name, schema, values, comment, renamedFrom, renamedValues };
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
