/** A function for each common Postgres type, and `type` for all others. Each takes the column's name when the key's snake case is not it. */
import { qualified } from "../../sql/identifier.ts";
import type { Enum } from "./enum.ts";
import { type Field, type FieldState, makeField } from "./field.ts";

type ToInput = FieldState["toInput"];

const quoted = (text: string) => ({ text, bare: false });
const bare = (text: string) => ({ text, bare: true });

const asText: ToInput = (value) => (typeof value === "string" ? quoted(value) : undefined);
const asBoolean: ToInput = (value) => (typeof value === "boolean" ? bare(String(value)) : asText(value));
// A plain number stays a plain number: '0' would be stored as '0'::bigint, and differ from the 0 of another source.
const asNumber: ToInput = (value) => {
  const text = typeof value === "number" || typeof value === "bigint" ? String(value) : value;
  if (typeof text !== "string") return undefined;
  return /^-?\d+(\.\d+)?$/.test(text) ? bare(text) : quoted(text);
};
const asTime: ToInput = (value) => (value instanceof Date ? quoted(value.toISOString()) : asText(value));
const asJson: ToInput = (value) => (value === undefined ? undefined : quoted(JSON.stringify(value)));
const asBytes: ToInput = (value) =>
  value instanceof Uint8Array ? quoted(`\\x${Buffer.from(value).toString("hex")}`) : undefined;

/** A value of a json or jsonb column. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

function define<T>(type: string, toInput: ToInput): (column?: string) => Field<T> {
  return (column) => makeField({ column, type, array: false, toInput, checks: [] });
}

/** A type with optional sizes: `varchar(255)`, `varchar("code", 255)`. */
function sized<T>(type: string, toInput: ToInput): (...args: readonly (string | number | undefined)[]) => Field<T> {
  return (...args) => {
    const [column] = typeof args[0] === "string" ? [args[0]] : [undefined];
    const sizes = args.filter((arg) => typeof arg === "number");
    const [base, ...suffix] = type.split(" ");
    const modified = sizes.length > 0 ? [`${base}(${sizes.join(",")})`, ...suffix].join(" ") : type;
    return makeField({ column, type: modified, array: false, toInput, checks: [] });
  };
}

/** A type with one optional length or precision. */
interface Sized<T> {
  (size?: number): Field<T>;
  (column: string, size?: number): Field<T>;
}

/** numeric with optional precision and scale. */
interface Numeric {
  (precision?: number, scale?: number): Field<string | number | bigint>;
  (column: string, precision?: number, scale?: number): Field<string | number | bigint>;
}

export const smallint = define<number>("smallint", asNumber);
export const integer = define<number>("integer", asNumber);
export const bigint = define<number | bigint>("bigint", asNumber);
export const real = define<number>("real", asNumber);
export const doublePrecision = define<number>("double precision", asNumber);
export const numeric: Numeric = sized("numeric", asNumber);
export const money = define<string>("money", asText);
export const oid = define<number>("oid", asNumber);

export const text = define<string>("text", asText);
export const varchar: Sized<string> = sized("varchar", asText);
export const char: Sized<string> = sized("char", asText);
export const boolean = define<boolean>("boolean", asBoolean);
export const uuid = define<string>("uuid", asText);
export const json = define<JsonValue>("json", asJson);
export const jsonb = define<JsonValue>("jsonb", asJson);
export const xml = define<string>("xml", asText);
export const bytea = define<Uint8Array>("bytea", asBytes);
export const bit: Sized<string> = sized("bit", asText);
export const varbit: Sized<string> = sized("varbit", asText);

export const date = define<string | Date>("date", asTime);
export const time: Sized<string> = sized("time without time zone", asText);
export const timetz: Sized<string> = sized("time with time zone", asText);
export const timestamp: Sized<string | Date> = sized("timestamp without time zone", asTime);
export const timestamptz: Sized<string | Date> = sized("timestamp with time zone", asTime);
export const interval: Sized<string> = sized("interval", asText);

export const inet = define<string>("inet", asText);
export const cidr = define<string>("cidr", asText);
export const macaddr = define<string>("macaddr", asText);
export const macaddr8 = define<string>("macaddr8", asText);

export const tsvector = define<string>("tsvector", asText);
export const tsquery = define<string>("tsquery", asText);
export const point = define<string>("point", asText);
export const line = define<string>("line", asText);
export const lseg = define<string>("lseg", asText);
export const box = define<string>("box", asText);
export const path = define<string>("path", asText);
export const polygon = define<string>("polygon", asText);
export const circle = define<string>("circle", asText);

export const int4range = define<string>("int4range", asText);
export const int8range = define<string>("int8range", asText);
export const numrange = define<string>("numrange", asText);
export const tsrange = define<string>("tsrange", asText);
export const tstzrange = define<string>("tstzrange", asText);
export const daterange = define<string>("daterange", asText);
export const int4multirange = define<string>("int4multirange", asText);
export const int8multirange = define<string>("int8multirange", asText);
export const nummultirange = define<string>("nummultirange", asText);
export const tsmultirange = define<string>("tsmultirange", asText);
export const tstzmultirange = define<string>("tstzmultirange", asText);
export const datemultirange = define<string>("datemultirange", asText);

/** Any other type as SQL: `type("geometry(Point,4326)")`, `type("app.email")`. */
export function type<T = string | number | boolean>(sqlType: string, column?: string): Field<T> {
  const toInput: ToInput = (value) =>
    typeof value === "number" || typeof value === "bigint" ? asNumber(value) : asBoolean(value);
  return makeField({ column, type: sqlType, array: false, toInput, checks: [] });
}

/** A field of an enum: `enumOf(Role)`. Its defaults are the enum's values. */
export function enumOf<V extends string>(enumeration: Enum<V>, column?: string): Field<V> {
  const toInput: ToInput = (value) => (enumeration.values.some((known) => known === value) ? asText(value) : undefined);
  const name = qualified(enumeration.schema, enumeration.name);
  return makeField({ column, type: name, array: false, enumeration, toInput, checks: [] });
}
