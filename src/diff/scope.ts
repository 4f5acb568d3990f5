/**
 * Which objects a comparison is about. What is out of scope stays as it is: the wanted schema takes it over from the present
 * one, so that nothing is planned for it and what refers to it finds it.
 */
import { toolError } from "../base/errors.ts";
import { compareText } from "../base/ordered.ts";
import { plural } from "../base/text.ts";
import { makeGraph, type SchemaGraph, type Unmodelled } from "../model/graph.ts";
import { kindRules, type ObjectId, objectId, parentId, referencesOf, ruleOf, schemaId } from "../model/kinds.ts";
import type { SchemaObject } from "../model/object.ts";

/** Patterns `kind:name` or `name`; `*` stands for any characters, in the kind for every kind. */
export interface Scope {
  /** where there are some, only what one of them matches is in scope */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** How a pattern is written, for messages and help. */
export const scopePatternForm = "table:app.*, schema:legacy or *.tmp_*: kind and name, * for any characters";

const patternForm = /^(?:([A-Za-z]+|\*):)?([^:]+)$/;

/** Whether a text is a pattern, and of a kind that exists. */
export function isScopePattern(text: string): boolean {
  const [, kind = "*", name] = patternForm.exec(text) ?? [];
  return name !== undefined && (kind === "*" || kind in kindRules);
}

type Matcher = (object: SchemaObject) => boolean;

function partsOf(pattern: string): { readonly kind: string; readonly matches: RegExp } {
  const [, kind = "*", name = ""] = patternForm.exec(pattern) ?? [];
  const escaped = name.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return { kind, matches: new RegExp(`^${escaped.join(".*")}$`, "su") };
}

function matcherOf(pattern: string): Matcher {
  const { kind, matches } = partsOf(pattern);
  return (object) => (kind === "*" || kind === object.kind) && matches.test(ruleOf(object.kind).path(object).join("."));
}

/** Whether a pattern matches an object, what it is a part of, or the schema it is in. */
function reaches(matchers: readonly Matcher[], object: SchemaObject, graph: SchemaGraph): boolean {
  if (matchers.some((matches) => matches(object))) return true;
  const parent = graph.objects.get(parentId(object) ?? "");
  if (parent !== undefined) return reaches(matchers, parent, graph);
  const schema = "schema" in object ? graph.objects.get(schemaId(object.schema)) : undefined;
  return schema !== undefined && matchers.some((matches) => matches(schema));
}

/** The wanted schema as far as it is in scope: everything else is as it is at present. The graph itself without patterns. */
export function withinScope(before: SchemaGraph, after: SchemaGraph, scope: Scope): SchemaGraph {
  const include = (scope.include ?? []).map(matcherOf);
  const exclude = (scope.exclude ?? []).map(matcherOf);
  if (include.length + exclude.length === 0) return after;
  const isIn = (object: SchemaObject, graph: SchemaGraph): boolean =>
    (include.length === 0 || reaches(include, object, graph)) && !reaches(exclude, object, graph);
  const objects = new Map<ObjectId, SchemaObject>();
  for (const object of before.objects.values()) if (!isIn(object, before)) objects.set(objectId(object), object);
  for (const object of after.objects.values()) {
    // One that is out of scope on one side is so on both: a name in scope here may be taken by what stays.
    const id = objectId(object);
    if (isIn(object, after) && !objects.has(id)) objects.set(id, object);
  }
  const wanted = makeGraph(objects.values(), after.unmodelled);
  requireWhole(wanted, (id) => before.objects.has(id) || after.objects.has(id));
  return wanted;
}

/** Nothing may refer to what is on neither side of the border: the plan would fail half way. */
function requireWhole(graph: SchemaGraph, exists: (id: ObjectId) => boolean): void {
  const missing = new Map<ObjectId, ObjectId>();
  for (const [id, object] of graph.objects) {
    for (const target of referencesOf(object)) {
      if (!graph.objects.has(target) && exists(target)) missing.set(target, id);
    }
  }
  const [first] = [...missing].sort(([a], [b]) => compareText(a, b));
  if (first === undefined) return;
  const [target, user] = first;
  const more = missing.size - 1;
  throw toolError({
    code: "usage",
    what: `${user} needs ${target}, and only one of them is in scope`,
    why: `what is out of scope stays as it is${more > 0 ? `; ${plural(more, "other object is", "other objects are")} missing too` : ""}`,
    state: "nothing was written",
    next: "include both, or exclude both",
  });
}

/** Refuses a comparison that would pass over something: what the catalogs hold and the graph does not model. */
export function requireModelled(scope: Scope, ...sides: readonly (readonly Unmodelled[])[]): void {
  const exclude = (scope.exclude ?? []).map(partsOf).filter(({ kind }) => kind === "*" || kind === "schema");
  const isExcluded = ({ name }: Unmodelled): boolean =>
    exclude.some(({ kind, matches }) => matches.test(kind === "schema" ? name.slice(0, name.indexOf(".")) : name));
  const inScope = sides.flat().filter((object) => !isExcluded(object));
  const names = [...new Set(inScope.map(({ kind, name }) => `${kind} ${name}`))].sort(compareText);
  if (names.length === 0) return;
  const shown = names.slice(0, 10).join(", ");
  throw toolError({
    code: "not_modelled",
    what: `${plural(names.length, "object is", "objects are")} not modelled, and --strict asks for all to be`,
    why: names.length > 10 ? `${shown} and ${names.length - 10} more` : shown,
    state: "nothing was written",
    next: "go on without --strict: they are left alone",
  });
}
