/**
 * A schema as plain text, one line per part of a model in a fixed order: what the unified and side-by-side views compare.
 * Not SQL. Equal schemas give equal bytes.
 */
import { compareText } from "../base/ordered.ts";
import { safeText } from "../base/text.ts";
import { childrenByParent, type SchemaGraph } from "../model/graph.ts";
import { nameOfId, type ObjectId, objectId, parentId, ruleOf } from "../model/kinds.ts";
import type { SchemaObject } from "../model/object.ts";
import { describeObject, shortName } from "./describe-object.ts";

/** The lines of one object that stands by itself, with everything that is part of it. */
export function modelText(object: SchemaObject, parts: readonly SchemaObject[]): string[] {
  const lines = [...own(object)];
  for (const part of [...parts].sort(byPlace)) {
    const label = part.kind === "column" ? "" : `${ruleOf(part.kind).label} `;
    lines.push(join(`  ${label}${safeText(shortName(part))}`, describeObject(part)), ...commentLines(part, 4));
  }
  return lines;
}

function own(object: SchemaObject): string[] {
  const name = "schema" in object ? `${object.schema}.${shortName(object)}` : shortName(object);
  return [join(`${ruleOf(object.kind).label} ${safeText(name)}`, describeObject(object)), ...commentLines(object, 2)];
}

function join(head: string, description: string): string {
  return description === "" ? head : `${head}  ${safeText(description)}`;
}

function commentLines(object: SchemaObject, indent: number): string[] {
  if (!("comment" in object) || object.comment === undefined) return [];
  return object.comment.split("\n").map((text) => `${" ".repeat(indent)}-- ${safeText(text)}`);
}

function byPlace(a: SchemaObject, b: SchemaObject): number {
  const ranks = ruleOf(a.kind).rank - ruleOf(b.kind).rank;
  if (ranks !== 0) return ranks;
  if (a.kind === "column" && b.kind === "column") return (a.position ?? 0) - (b.position ?? 0);
  return compareText(shortName(a), shortName(b));
}

/** The texts of all objects that stand by themselves, by id, in the order of their kinds and names. */
export function schemaText(graph: SchemaGraph): Map<ObjectId, readonly string[]> {
  const children = childrenByParent(graph);
  const roots = [...graph.objects].filter(([, object]) => parentId(object) === undefined);
  roots.sort(([a, x], [b, y]) => ruleOf(x.kind).rank - ruleOf(y.kind).rank || compareText(nameOfId(a), nameOfId(b)));
  return new Map(roots.map(([id, object]) => [id, modelText(object, partsBelow(id, children))]));
}

/** The parts of an object, and what is granted on its columns. */
function partsBelow(id: ObjectId, children: ReadonlyMap<ObjectId, readonly SchemaObject[]>): readonly SchemaObject[] {
  const parts = children.get(id) ?? [];
  const below = parts.flatMap((part) => (part.kind === "column" ? (children.get(objectId(part)) ?? []) : []));
  return below.length === 0 ? parts : [...parts, ...below];
}

/** The texts of some objects only: cheap when few of many differ. */
export function textsOf(
  graph: SchemaGraph,
  ids: ReadonlySet<ObjectId>,
  children: ReadonlyMap<ObjectId, readonly SchemaObject[]>,
): Map<ObjectId, readonly string[]> {
  const texts = new Map<ObjectId, readonly string[]>();
  for (const id of ids) {
    const object = graph.objects.get(id);
    if (object !== undefined) texts.set(id, modelText(object, partsBelow(id, children)));
  }
  return texts;
}
