/** Canonical JSON and content hashes. The algorithm's name is part of every hash so that it can change without breaking history. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** JSON text with object keys in code-unit order and without undefined members: equal values give equal bytes. */
export function canonicalJson(value: Json): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inOrder = ordered(value);
  return inOrder === undefined ? spelledOut(value) : JSON.stringify(inOrder);
}

/** Names of members that an object keeps in the order in which they are put: not numbers, and nothing with a meaning of its own. */
const plainKey = /^(?!__proto__$)[A-Za-z_$][A-Za-z0-9_$]*$/;

/** Sets of members whose order is remembered. Documents of strangers may hold any number of others. */
const maxShapes = 1_000;

interface Shape {
  readonly keys: readonly string[];
  /** the members stand in order as they are */
  readonly isSorted: boolean;
}

const shapes = new Map<string, Shape>();

/** The members of an object in order; undefined when it has to be spelled out. */
function shapeOf(keys: readonly string[]): Shape | undefined {
  const joined = keys.join(",");
  const known = shapes.get(joined);
  // Where a key holds a comma there are fewer keys than parts of the text.
  if (known !== undefined) return known.keys.length === keys.length ? known : undefined;
  if (!keys.every((key) => plainKey.test(key))) return undefined;
  const sorted = [...keys].sort();
  const shape: Shape = { keys: sorted, isSorted: sorted.every((key, at) => key === keys[at]) };
  if (shapes.size < maxShapes) shapes.set(joined, shape);
  return shape;
}

type JsonObject = { readonly [key: string]: Json | undefined };

/**
 * The value with its members in order, so that the engine can print it at once, which takes a quarter of the time; itself
 * where they are already. Undefined when members have names that no object keeps in order.
 */
function ordered(value: readonly Json[] | JsonObject): readonly Json[] | JsonObject | undefined {
  return isArray(value) ? orderedItems(value) : orderedMembers(value);
}

function isArray(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}

function orderedItems(value: readonly Json[]): readonly Json[] | undefined {
  let copy: Json[] | undefined;
  for (let at = 0; at < value.length; at++) {
    const item = value[at];
    if (typeof item !== "object" || item === null) continue;
    const inOrder = ordered(item);
    if (inOrder === undefined) return undefined;
    if (inOrder !== item) {
      copy ??= [...value];
      copy[at] = inOrder;
    }
  }
  return copy ?? value;
}

function orderedMembers(value: JsonObject): JsonObject | undefined {
  const shape = shapeOf(Object.keys(value));
  if (shape === undefined) return undefined;
  const copy: { [key: string]: Json | undefined } = {};
  let isSame = shape.isSorted;
  for (const key of shape.keys) {
    const member = value[key];
    if (typeof member !== "object" || member === null) {
      copy[key] = member;
      continue;
    }
    const inOrder = ordered(member);
    if (inOrder === undefined) return undefined;
    copy[key] = inOrder;
    isSame &&= inOrder === member;
  }
  return isSame ? value : copy;
}

/** The same text put together here, whatever the names of the members. */
function spelledOut(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isArray(value)) return `[${value.map((item: Json) => spelledOut(item)).join(",")}]`;
  let text = "{";
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined) continue;
    if (text.length > 1) text += ",";
    text += `${JSON.stringify(key)}:${spelledOut(member)}`;
  }
  return `${text}}`;
}

/** `v1:sha256:<hex>` of a text, UTF-8. */
export function hashText(text: string): string {
  return `v1:sha256:${new Bun.CryptoHasher("sha256").update(text).digest("hex")}`;
}

/** The content hash of a JSON value, independent of key order. */
export function hashJson(value: Json): string {
  return hashText(canonicalJson(value));
}

/** The first characters of a hash's hex part, for display and for names. */
export function shortHash(hash: string, length = 12): string {
  return hash.slice(hash.lastIndexOf(":") + 1).slice(0, length);
}
