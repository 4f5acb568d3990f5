/**
 * What a change of a column's type means: whether values fit, and whether Postgres writes a new heap. Types
 * are texts as format_type prints them.
 */
/** How the values of one type become those of another. */
export interface TypeChange {
  /**
   * `compatible`: every value stays as it is stored; `widening`: every value fits, but is stored anew;
   * `narrowing`: values may be refused, cut or rounded; `conversion`: another kind of type.
   */
  readonly nature: "compatible" | "widening" | "narrowing" | "conversion";
  /** whether the table gets a new heap under ACCESS EXCLUSIVE; a conversion that is not known counts as one */
  readonly rewrites: boolean;
  /** whether the meaning depends on the session's TimeZone */
  readonly zoned: boolean;
}

interface TypeName {
  /** without modifiers and array brackets: `character varying`, `public.mood` */
  readonly base: string;
  readonly modifiers: readonly number[];
  readonly array: boolean;
}

/** Splits a type as format_type prints it. */
export function parseType(text: string): TypeName {
  const array = /(?:\[\d*\])+$/.exec(text);
  const element = array ? text.slice(0, array.index) : text;
  const modifier = /\s*\(\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*\)/.exec(
    element.replace(/"(?:[^"]|"")*"/g, (name) => "x".repeat(name.length)),
  );
  if (!modifier) return { base: element.trim(), modifiers: [], array: array !== null };
  const base = element.slice(0, modifier.index) + element.slice(modifier.index + modifier[0].length);
  return { base: base.trim(), modifiers: (modifier[1] ?? "").split(",").map(Number), array: array !== null };
}

const integers = ["smallint", "integer", "bigint"];
const numbers = [...integers, "numeric", "real", "double precision"];
/** Types whose values are texts. */
export const texts = ["text", "character varying", "character"];
const moments = ["timestamp without time zone", "timestamp with time zone"];
const dates = ["date", ...moments];
const addresses = ["cidr", "inet"];
const bits = ["bit", "bit varying"];
/** Types of Postgres that are cast into each other by assignment, each with all others of its family. */
export const families = [numbers, texts, dates, addresses, bits];
const comparable = [integers, ["real", "double precision"], ["text", "character varying"], dates, addresses];
const fractionalSeconds = new Set([...moments, "time without time zone", "time with time zone", "interval"]);

/** What turning a column of one type into another means. `timeZone` is the session's during the change. */
export function typeChange(from: string, to: string, timeZone = "UTC"): TypeChange {
  const old = parseType(from);
  const now = parseType(to);
  const nature = natureOf(old, now);
  const zoned = !old.array && !now.array && isZoned(old.base, now.base);
  // Since 12 the two timestamp types are the same bytes when the session's zone is UTC.
  const sameBytes =
    nature === "compatible" ||
    (zoned && momentsOnly(old.base, now.base) && fitsSeconds(old, now) && timeZone === "UTC");
  return { nature, rewrites: from !== to && (!sameBytes || old.array), zoned };
}

function momentsOnly(a: string, b: string): boolean {
  return moments.includes(a) && moments.includes(b);
}

function isZoned(a: string, b: string): boolean {
  const aware = "timestamp with time zone";
  return a !== b && (a === aware || b === aware);
}

function natureOf(old: TypeName, now: TypeName): TypeChange["nature"] {
  if (old.array !== now.array) return "conversion";
  if (old.base === now.base) return sameBase(old, now);
  const from = old.base;
  const to = now.base;
  if (texts.includes(from) && texts.includes(to)) return betweenTexts(old, now);
  if (integers.includes(from) && integers.includes(to)) {
    return integers.indexOf(to) > integers.indexOf(from) ? "widening" : "narrowing";
  }
  if (integers.includes(from) && to === "numeric") return now.modifiers.length === 0 ? "widening" : "narrowing";
  if (from === "real" && to === "double precision") return "widening";
  if (numbers.includes(from) && numbers.includes(to)) return "narrowing";
  if (from === "cidr" && to === "inet") return "compatible";
  if (from === "inet" && to === "cidr") return "narrowing";
  if (from === "date" && moments.includes(to)) return "widening";
  if (moments.includes(from) && to === "date") return "narrowing";
  if (momentsOnly(from, to)) return fitsSeconds(old, now) ? "conversion" : "narrowing";
  if (from === "bit" && to === "bit varying") {
    if (now.modifiers.length === 0) return "compatible";
    return lengthOf(old, 1) <= lengthOf(now, 1) ? "widening" : "narrowing";
  }
  return "conversion";
}

function sameBase(old: TypeName, now: TypeName): TypeChange["nature"] {
  if (old.modifiers.join() === now.modifiers.join()) return "compatible";
  if (old.base === "numeric") {
    if (now.modifiers.length === 0) return "compatible";
    const [precision = 0, scale = 0] = old.modifiers;
    const [newPrecision = 0, newScale = 0] = now.modifiers;
    if (old.modifiers.length === 0) return "narrowing";
    if (newScale === scale) return newPrecision >= precision ? "compatible" : "narrowing";
    return newScale > scale && newPrecision - newScale >= precision - scale ? "widening" : "narrowing";
  }
  if (old.base === "character varying" || old.base === "bit varying") {
    if (now.modifiers.length === 0) return "compatible";
    return old.modifiers.length > 0 && lengthOf(old, 0) <= lengthOf(now, 0) ? "compatible" : "narrowing";
  }
  if (old.base === "character") return lengthOf(old, 1) <= lengthOf(now, 1) ? "widening" : "narrowing";
  if (fractionalSeconds.has(old.base)) return fitsSeconds(old, now) ? "compatible" : "narrowing";
  return "narrowing";
}

function betweenTexts(old: TypeName, now: TypeName): TypeChange["nature"] {
  const room = now.base === "text" || now.modifiers.length === 0 ? Number.POSITIVE_INFINITY : lengthOf(now, 1);
  const used = old.base === "text" || old.modifiers.length === 0 ? Number.POSITIVE_INFINITY : lengthOf(old, 1);
  // character pads with blanks and drops them again on the way out: never the same bytes.
  if (old.base === "character" || now.base === "character") return used <= room ? "widening" : "narrowing";
  return used <= room ? "compatible" : "narrowing";
}

function lengthOf(type: TypeName, absent: number): number {
  return type.modifiers[0] ?? absent;
}

/** Whether all fractional digits of seconds are kept; 6 when the type does not say. */
function fitsSeconds(old: TypeName, now: TypeName): boolean {
  return (now.modifiers[0] ?? 6) >= (old.modifiers[0] ?? 6);
}

/**
 * Whether columns of the two types can be the ends of one foreign key whichever of them refers to the other: whether they
 * share a B-tree operator family.
 */
export function staysComparable(from: string, to: string): boolean {
  const [old, now] = [parseType(from), parseType(to)];
  if (old.array || now.array) return from === to;
  return old.base === now.base || comparable.some((family) => family.includes(old.base) && family.includes(now.base));
}

/** Whether format_type prints the type without a schema, as it does for those of pg_catalog. */
export function isBuiltIn(base: string): boolean {
  return !base.replace(/"(?:[^"]|"")*"/g, "x").includes(".");
}
