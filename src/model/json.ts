/**
 * The graph as canonical JSON: what is exported, stored as a snapshot and read back from a stranger. Reading validates
 * everything before any of it is used and says where in the document something is wrong.
 */
import * as v from "valibot";
import { isToolError, toolError } from "../base/errors.ts";
import { canonicalJson, hashText, type Json } from "../base/hash.ts";
import { compareText } from "../base/ordered.ts";
import { graphOfMap, graphSize, type SchemaGraph, type Unmodelled } from "./graph.ts";
import { type ObjectId, objectId, parentId } from "./kinds.ts";
import { type ObjectKind, objectSchemas, type SchemaObject } from "./object.ts";
import { quickCheck } from "./quick-check.ts";

/** The format this version writes; it reads this one and older ones. */
export const graphFormat = 1;

/** Limits on a document from outside. 10 000 models with everything on them stay well under them. */
export const documentLimits = { bytes: 512 * 1024 * 1024, depth: 32, objects: 2_000_000 } as const;

/** What travels with a graph that came from a snapshot. */
export interface GraphOrigin {
  readonly migration?: string;
  readonly phase?: "baseline" | "after";
  readonly capturedAt?: string;
  /** hash of the migration's operations, so that an edited file is noticed */
  readonly operations?: string;
}

/** A graph read from a document; `intact` is false when the recorded hash is not the content's. */
export interface GraphDocument {
  readonly graph: SchemaGraph;
  readonly origin: GraphOrigin;
  readonly hash: string;
  readonly intact: boolean;
}

/** The canonical text of an object without its dependencies. Objects read from our own documents have sorted keys already. */
function contentText(object: SchemaObject): string {
  let content: object = object;
  if (object.dependsOn !== undefined) {
    const { dependsOn: _, ...rest } = object;
    content = rest;
  }
  return canonicalText(content);
}

function canonicalText(value: object): string {
  return hasSortedKeys(value) ? JSON.stringify(value) : canonicalJson(value as Json);
}

function hasSortedKeys(value: object): boolean {
  let last = "";
  for (const key in value) {
    if (key < last) return false;
    last = key;
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) return false;
    if (typeof member === "object" && member !== null && !Array.isArray(member) && !hasSortedKeys(member)) return false;
  }
  return true;
}

const hashes = new WeakMap<SchemaGraph, string>();

/** The content hash of a graph: equal for databases that pg_dump cannot tell apart. Cached per graph. */
export function graphHash(graph: SchemaGraph): string {
  const known = hashes.get(graph);
  if (known !== undefined) return known;
  const lines: string[] = [];
  for (const object of graph.objects.values()) lines.push(contentText(object));
  const hash = hashText(lines.join("\n"));
  hashes.set(graph, hash);
  return hash;
}

/** Canonical JSON of a graph, one object a line so that line tools can compare two exports. Ends in a newline. */
export function graphToJson(graph: SchemaGraph, origin: GraphOrigin = {}): string {
  const lines = [...graph.objects.values()].map(canonicalText);
  const { models, relations } = graphSize(graph);
  const members = [
    `"format": ${graphFormat}`,
    `"hash": ${JSON.stringify(graphHash(graph))}`,
    `"models": ${models}`,
    `"relations": ${relations}`,
  ];
  for (const key of Object.keys(origin).sort(compareText) as (keyof GraphOrigin)[]) {
    if (origin[key] !== undefined) members.push(`${JSON.stringify(key)}: ${JSON.stringify(origin[key])}`);
  }
  if (graph.unmodelled.length > 0) {
    members.push(`"unmodelled": [\n${graph.unmodelled.map((entry) => canonicalJson({ ...entry })).join(",\n")}\n]`);
  }
  members.push(lines.length > 0 ? `"objects": [\n${lines.join(",\n")}\n]` : `"objects": []`);
  return `{\n${members.join(",\n")}\n}\n`;
}

const envelopeSchema = v.looseObject({
  format: v.pipe(v.number(), v.integer()),
  hash: v.string(),
  /** figures for listing; what counts are the objects */
  models: v.optional(v.number()),
  relations: v.optional(v.number()),
  migration: v.optional(v.string()),
  phase: v.optional(v.picklist(["baseline", "after"])),
  capturedAt: v.optional(v.string()),
  operations: v.optional(v.string()),
  unmodelled: v.optional(v.array(v.strictObject({ kind: v.string(), name: v.string() }))),
  objects: v.array(v.unknown()),
});

const envelopeKeys = new Set(Object.keys(envelopeSchema.entries));

/** Reads a graph document; `where` names the file or table in messages. Refuses with the path inside the document. */
export function graphFromJson(text: string, where: string): GraphDocument {
  return graphFromValue(parseJson(text, where), where);
}

/** The same for a document that is already a JSON value (jsonb from the snapshots table). */
export function graphFromValue(value: unknown, where: string): GraphDocument {
  // Valibot would walk the objects once more only to copy them.
  const given = (value as { readonly objects?: unknown } | null)?.objects;
  const objects: readonly unknown[] = Array.isArray(given) ? given : [];
  const envelope = v.safeParse(envelopeSchema, Array.isArray(given) ? { ...(value as object), objects: [] } : value);
  if (objects.length > documentLimits.objects)
    throw invalid(where, "objects", `it holds more than ${documentLimits.objects} objects`);
  if (!envelope.success) throw invalid(where, issuePath("", envelope.issues[0]), envelope.issues[0].message);
  const { format, hash, unmodelled = [], objects: _, ...rest } = envelope.output;
  for (const key of Object.keys(rest))
    if (!envelopeKeys.has(key)) throw invalid(where, key, "is not a member of a graph document");
  if (format > graphFormat) {
    throw toolError({
      code: "format_newer",
      what: `cannot read ${where}: its format is ${format}`,
      why: `this version reads formats up to ${graphFormat}`,
      state: "nothing was changed",
      next: "use the version that wrote it, or a newer one",
    });
  }
  if (format < 1) throw invalid(where, "format", "formats start at 1");
  const byId = new Map<ObjectId, SchemaObject>();
  for (let i = 0; i < objects.length; i++) {
    const object = checkObject(objects[i], where, i);
    const id = objectId(object);
    if (byId.has(id)) throw invalid(where, `objects[${i}]`, `${id} is there twice`);
    byId.set(id, object);
  }
  let at = 0;
  for (const object of byId.values()) {
    const parent = parentId(object);
    if (parent !== undefined && !byId.has(parent)) {
      throw invalid(where, `objects[${at}]`, `it is part of ${parent}, which is not in the document`);
    }
    at++;
  }
  const graph = graphOfMap(byId, unmodelled as Unmodelled[]);
  const origin = definedMembers({
    migration: rest.migration,
    phase: rest.phase,
    capturedAt: rest.capturedAt,
    operations: rest.operations,
  });
  return { graph, origin, hash, intact: graphHash(graph) === hash };
}

function definedMembers(origin: { [K in keyof GraphOrigin]: GraphOrigin[K] | undefined }): GraphOrigin {
  return Object.fromEntries(Object.entries(origin).filter(([, value]) => value !== undefined)) as GraphOrigin;
}

const quickChecks = new Map(Object.entries(objectSchemas).map(([kind, schema]) => [kind, quickCheck(schema)]));

/** Checks one schema object of a document; `index` is its place among the objects. */
function checkObject(value: unknown, where: string, index: number): SchemaObject {
  const kind = typeof value === "object" && value !== null ? (value as { kind?: unknown }).kind : undefined;
  const fits = typeof kind === "string" ? quickChecks.get(kind) : undefined;
  if (fits === undefined) {
    throw invalid(where, `objects[${index}].kind`, `${JSON.stringify(kind ?? null)} is not a kind of schema object`);
  }
  if (fits(value)) return value as SchemaObject;
  const result = v.safeParse(objectSchemas[kind as ObjectKind] as v.GenericSchema<unknown, SchemaObject>, value, {
    abortEarly: true,
  });
  if (result.success) return result.output;
  throw invalid(where, issuePath(`objects[${index}]`, result.issues[0]), result.issues[0].message);
}

/** The place of a valibot issue as a path into the document. */
export function issuePath(
  start: string,
  issue: { readonly path?: readonly { readonly key: unknown }[] | undefined },
): string {
  let path = start;
  for (const { key } of issue.path ?? []) {
    path += typeof key === "number" ? `[${key}]` : path === "" ? String(key) : `.${String(key)}`;
  }
  return path;
}

function invalid(where: string, path: string, why: string): Error {
  return toolError({
    code: "format_invalid",
    what: `${where} is not a valid document`,
    why: path === "" ? why : `at ${path}: ${why}`,
    state: "nothing was read from it and nothing was changed",
    next: "export it again, or correct the place that is named",
    details: { path },
  });
}

const poison = ["__proto__", "constructor", "prototype"];

/**
 * Parses JSON from a stranger: refuses a document that is too large or too deep before parsing it, and one with a
 * member named `__proto__`, `constructor` or `prototype` anywhere. Such names as values are fine.
 */
export function parseJson(text: string, where: string): unknown {
  if (text.length > documentLimits.bytes) throw invalid(where, "", `it is larger than ${documentLimits.bytes} bytes`);
  refuseDeep(text, where);
  try {
    const value: unknown = JSON.parse(text);
    // Escapes can spell the names too, so a document with escaped letters is searched as well.
    if (poison.some((word) => text.includes(`"${word}"`)) || text.includes("\\u00")) refusePoison(value, where, "");
    return value;
  } catch (error) {
    if (isToolError(error)) throw error;
    throw invalid(where, "", `it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Counts brackets outside strings; the parser itself would accept any depth. */
function refuseDeep(text: string, where: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      at = endOfString(text, at + 1);
      if (at < 0) return;
    } else if (code === 91 || code === 123) {
      depth++;
      if (depth > documentLimits.depth) {
        throw invalid(where, "", `it is nested deeper than ${documentLimits.depth} levels`);
      }
    } else if (code === 93 || code === 125) depth--;
  }
}

/** The index of the quote that ends a string; -1 when it never ends. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 92) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

function refusePoison(value: unknown, where: string, path: string): void {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.getOwnPropertyNames(value)) {
    const at = Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    if (!Array.isArray(value) && poison.includes(key)) throw invalid(where, at, `a member may not be named ${key}`);
    refusePoison((value as Record<string, unknown>)[key], where, at);
  }
}
