/**
 * What the rename of a schema, a type or an enum's value does to a graph: structures that carry the name, ids
 * that are made of it, and the texts in which Postgres prints it. It keeps references by number, so all of them follow.
 */
import type { GraphEdit, SchemaGraph } from "./graph.ts";
import { type ObjectId, objectId } from "./kinds.ts";
import type { SchemaObject } from "./object.ts";
import { type Mentions, mentionsOf } from "./rename-mentions.ts";
import { type ObjectRename, renamedId } from "./renamed-object.ts";

/**
 * The edits a rename amounts to. Where an object of `wanted` has the old text with some mentions renamed, that text is
 * taken as it is, for a name may also stand for something else. `also` holds objects that are known to read otherwise.
 */
export function objectRenameEdits(
  graph: SchemaGraph,
  rename: ObjectRename,
  { wanted, also = [] }: { readonly wanted?: SchemaGraph; readonly also?: readonly SchemaObject[] } = {},
): GraphEdit[] {
  const id = renamedId(rename);
  if (!graph.objects.has(id)) return [];
  const moved = new Map<ObjectId, ObjectId>();
  const changed: { readonly id: ObjectId; readonly object: SchemaObject }[] = [];
  for (const [at, object] of graph.objects) {
    const mentions = mentionsOf(graph, object, rename);
    const plain = followed(object, rename, mentions);
    if (plain === object) continue;
    const now = objectId(plain);
    const other = wanted?.objects.get(now);
    changed.push({ id: at, object: other === undefined ? plain : followed(object, rename, mentions, other) });
    if (now !== at) moved.set(at, now);
  }
  const edited = new Map(changed.map((each) => [each.id, each.object]));
  const edits: GraphEdit[] = [];
  for (const [at, object] of graph.objects) {
    const now = withMoves(edited.get(at) ?? object, moved);
    if (now !== object) edits.push(moved.has(at) ? { put: now, at } : { put: now });
  }
  // What leaves an id goes before anything takes one: names may be swapped in later renames, never within one.
  return [...edits, ...also.map((put) => ({ put }))];
}

function withMoves(object: SchemaObject, moved: ReadonlyMap<ObjectId, ObjectId>): SchemaObject {
  if (!object.dependsOn?.some((id) => moved.has(id))) return object;
  return { ...object, dependsOn: object.dependsOn.map((id) => moved.get(id) ?? id).sort() };
}

function followed(
  object: SchemaObject,
  rename: ObjectRename,
  mentions: Mentions | undefined,
  wanted?: SchemaObject,
): SchemaObject {
  const structured = rename.of === "schema" ? inSchema(object, rename.from, rename.to) : named(object, rename);
  if (mentions === undefined) return structured;
  return withTexts(structured, wanted, mentions) as SchemaObject;
}

/** Members that hold what Postgres prints; the others hold names, labels and what was written by somebody. */
const textMembers = new Set(
  `type default definition expression using check partitionBy bound where arguments returns subtype operatorClass
collation difference template parser`.split(/\s+/),
);

/** A value with its texts as they read afterwards; the same one when none of them changes. */
function withTexts(value: unknown, wanted: unknown, mentions: Mentions, key = ""): unknown {
  if (typeof value === "string") {
    if (!textMembers.has(key)) return value;
    return mentions(value, typeof wanted === "string" ? wanted : undefined, key);
  }
  const other = (wanted ?? {}) as Readonly<Record<string, unknown>>;
  return mapped(value, (member, name) =>
    name === "dependsOn" ? member : withTexts(member, other[name], mentions, Array.isArray(value) ? "" : name),
  );
}

/** A list or an object with its members changed; the same one when none of them is. */
function mapped(value: unknown, change: (member: unknown, key: string) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const members = value as Readonly<Record<string, unknown>>;
  const entries = Object.entries(members).map(([key, member]): [string, unknown] => [key, change(member, key)]);
  if (entries.every(([key, member]) => member === members[key])) return value;
  return Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

/** Whatever is in a schema, in the schema's new name. */
function inSchema(object: SchemaObject, from: string, to: string): SchemaObject {
  if (object.kind === "schema") return object.name === from ? { ...object, name: to } : object;
  if ((object.kind === "grant" || object.kind === "owner") && object.on.kind === "schema") {
    return object.on.name === from ? ({ ...object, on: { ...object.on, name: to } } as SchemaObject) : object;
  }
  if (object.kind === "defaultPrivileges") return object.in === from ? { ...object, in: to } : object;
  const moved = placedIn(object, from, to) as SchemaObject;
  if (moved.kind !== "publication") return moved;
  const { schemas } = moved;
  return schemas?.includes(from)
    ? { ...moved, schemas: schemas.map((name) => (name === from ? to : name)).sort() }
    : moved;
}

/** A value with every member `schema` that holds the old name changed; the same one when none does. */
function placedIn(value: unknown, from: string, to: string): unknown {
  return mapped(value, (member, key) => (key === "schema" && member === from ? to : placedIn(member, from, to)));
}

/** The object itself, the checks of a domain, and what names it in its structure. */
function named(object: SchemaObject, rename: Exclude<ObjectRename, { of: "schema" }>): SchemaObject {
  const { schema, from, to } = rename;
  if (rename.of === "enumValue") {
    if (object.kind !== "enum" || object.schema !== schema || object.name !== rename.type) return object;
    return { ...object, values: object.values.map((value) => (value === from ? to : value)) };
  }
  if (object.kind === "grant" || object.kind === "owner") {
    const { on } = object;
    const isIt = on.kind === rename.of && on.schema === schema && on.name === from;
    return isIt ? ({ ...object, on: { ...on, name: to } } as SchemaObject) : object;
  }
  if (object.kind === "domainCheck") {
    const isOfIt = rename.of === "domain" && object.schema === schema && object.domain === from;
    return isOfIt ? { ...object, domain: to } : object;
  }
  if (object.kind !== rename.of || object.schema !== schema || object.name !== from) return object;
  if (object.kind === "rangeType") {
    const multirange = "multirange" in rename ? rename.multirange : undefined;
    return { ...object, name: to, ...(multirange === undefined ? {} : { multirange: multirange.to }) };
  }
  return { ...object, name: to } as SchemaObject;
}
