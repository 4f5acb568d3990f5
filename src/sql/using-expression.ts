/**
 * How the values of a column become those of another type: the USING expression of ALTER TABLE and of whoever copies them.
 * Types are texts as format_type prints them. Knows the casts of Postgres, not those that a database was given.
 */
import { quoteIdent } from "./identifier.ts";
import { families, isBuiltIn, parseType, texts } from "./type-change.ts";

/**
 * `assignment`: as if stored into the new type; `direct`: by an explicit cast; `text`: written as text and read again, which
 * every two types allow (14 to 18), though not every value.
 */
export type CastWay = "assignment" | "direct" | "text";

/** Casts beyond those within a family, source to targets, that pg_cast has in every version from 14 on. */
const casts: Readonly<Record<string, readonly string[]>> = {
  '"char"': ["integer"],
  bigint: ["bit", "money", "oid"],
  bit: ["bigint", "integer"],
  boolean: ["integer"],
  box: ["circle", "lseg", "point", "polygon"],
  circle: ["box", "point", "polygon"],
  daterange: ["datemultirange"],
  int4range: ["int4multirange"],
  int8range: ["int8multirange"],
  integer: ['"char"', "bit", "boolean", "money", "oid"],
  interval: ["time without time zone"],
  json: ["jsonb"],
  jsonb: ["bigint", "boolean", "double precision", "integer", "json", "numeric", "real", "smallint"],
  lseg: ["point"],
  macaddr: ["macaddr8"],
  macaddr8: ["macaddr"],
  money: ["numeric"],
  numeric: ["money"],
  numrange: ["nummultirange"],
  oid: ["bigint", "integer"],
  path: ["polygon"],
  point: ["box"],
  polygon: ["box", "circle", "path", "point"],
  smallint: ["oid"],
  "time with time zone": ["time without time zone"],
  "time without time zone": ["interval", "time with time zone"],
  "timestamp with time zone": ["time with time zone", "time without time zone"],
  "timestamp without time zone": ["time without time zone"],
  tsrange: ["tsmultirange"],
  tstzrange: ["tstzmultirange"],
  xid8: ["xid"],
};

/** How values get from one type to another; of domains, what they are domains of is to be asked about. */
export function castWay(from: string, to: string): CastWay {
  const [old, now] = [parseType(from), parseType(to)];
  if (old.array === now.array) {
    if (old.base === now.base) return "assignment";
    if (families.some((family) => family.includes(old.base) && family.includes(now.base))) return "assignment";
    if (casts[old.base]?.includes(now.base)) return "direct";
  }
  // What is text can be read as anything, arrays element by element.
  return texts.includes(old.base) && (!old.array || now.array) ? "direct" : "text";
}

/** The casts that are written down, for who compares them with a server. */
export function knownCasts(): readonly (readonly [from: string, to: string])[] {
  return Object.entries(casts).flatMap(([from, targets]) => targets.map((to): [string, string] => [from, to]));
}

/**
 * The USING expression for a change of type, or undefined where Postgres's assignment cast does it. Assignment refuses a
 * text that is too long; an explicit cast would cut it silently, so one is written only where nothing else leads there.
 */
export function usingExpression(column: string, from: string, to: string, way = castWay(from, to)): string | undefined {
  if (way === "assignment") return undefined;
  const name = quoteIdent(column);
  if (way === "direct" && !texts.includes(parseType(to).base)) return `${name}::${to}`;
  const [old, now] = [parseType(from), parseType(to)];
  const read = `${name}::text${old.array && now.array ? "[]" : ""}`;
  if (!texts.includes(now.base)) return `${read}::${to}`;
  return now.array && !old.array ? `${read}::text[]` : read;
}

/** What a type's name stands for: the type that a domain is one of, `made` for other types with a text form alone. */
export type Underneath = (base: string) => string | undefined;

/** What `Underneath` says of enums, composite and range types: no casts but by way of text are known of them. */
export const madeHere = "made";

/**
 * How values get from one type to another where some are no types of Postgres: a domain is cast like what is underneath. What
 * an extension's type can be cast to is not known; that there is a cast to what Postgres has is taken for granted.
 */
export function castWayIn(from: string, to: string, underneath: Underneath): CastWay {
  const [old, now] = [bottomOf(from, underneath), bottomOf(to, underneath)];
  const [left, right] = [old, now].map((type) => parseType(type).base) as [string, string];
  if (left !== right && isForeign(left, underneath) !== isForeign(right, underneath)) {
    const other = isForeign(left, underneath) ? right : left;
    if (isBuiltIn(other) && !texts.includes(right)) return "direct";
  }
  return castWay(old, now);
}

function isForeign(base: string, underneath: Underneath): boolean {
  return !isBuiltIn(base) && underneath(base) === undefined;
}

/** The type at the bottom of domains over domains; arrays of domains become arrays of it. */
function bottomOf(type: string, underneath: Underneath): string {
  const { base, array } = parseType(type);
  const under = isBuiltIn(base) ? undefined : underneath(base);
  if (under === undefined || under === madeHere || (array && parseType(under).array)) return type;
  return bottomOf(array ? `${under}[]` : under, underneath);
}
