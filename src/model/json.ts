/**
 * The graph as canonical JSON: what is exported, stored as a snapshot and read back from a stranger. Reading validates
 * everything before any of it is used and says where in the document something is wrong.
 */
import * as v from "valibot";
import { isToolError, toolError } from "../base/errors.ts";
import { canonicalJson, hashText } from "../base/hash.ts";
import { compareText } from "../base/ordered.ts";
import { makeGraph, type SchemaGraph, type Unmodelled } from "./graph.ts";
import { objectId, parentId } from "./kinds.ts";
import { type ObjectKind, objectSchemas, type SchemaObject } from "./object.ts";

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

function contentOf(object: SchemaObject): SchemaObject {
  if (object.dependsOn === undefined) return object;
  const { dependsOn: _, ...content } = object;
  return content as SchemaObject;
}

const hashes = new WeakMap<SchemaGraph, string>();

/** The content hash of a graph: equal for databases that pg_dump cannot tell apart. Cached per graph. */
export function graphHash(graph: SchemaGraph): string {
  const known = hashes.get(graph);
  if (known !== undefined) return known;
  const lines: string[] = [];
  for (const object of graph.objects.values()) lines.push(canonicalJson(contentOf(object)));
  const hash = hashText(lines.join("\n"));
  hashes.set(graph, hash);
  return hash;
}

/** Canonical JSON of a graph, one object a line so that line tools can compare two exports. Ends in a newline. */
export function graphToJson(graph: SchemaGraph, origin: GraphOrigin = {}): string {
  const lines = [...graph.objects.values()].map((object) => canonicalJson(object));
  const members = [`"format": ${graphFormat}`, `"hash": ${JSON.stringify(graphHash(graph))}`];
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
  migration: v.optional(v.string()),
  phase: v.optional(v.picklist(["baseline", "after"])),
  capturedAt: v.optional(v.string()),
  operations: v.optional(v.string()),
  unmodelled: v.optional(v.array(v.strictObject({ kind: v.string(), name: v.string() }))),
  objects: v.pipe(v.array(v.unknown()), v.maxLength(documentLimits.objects)),
});

const envelopeKeys = new Set(Object.keys(envelopeSchema.entries));

/** Reads a graph document; `where` names the file or table in messages. Refuses with the path inside the document. */
export function graphFromJson(text: string, where: string): GraphDocument {
  return graphFromValue(parseJson(text, where), where);
}

/** The same for a document that is already a JSON value (jsonb from the snapshots table). */
export function graphFromValue(value: unknown, where: string): GraphDocument {
  const envelope = v.safeParse(envelopeSchema, value);
  if (!envelope.success) throw invalid(where, issuePath("", envelope.issues[0]), envelope.issues[0].message);
  const { format, hash, unmodelled = [], objects, ...rest } = envelope.output;
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
  const checked: SchemaObject[] = [];
  const ids = new Set<string>();
  for (let i = 0; i < objects.length; i++) {
    const object = checkObject(objects[i], where, `objects[${i}]`);
    const id = objectId(object);
    if (ids.has(id)) throw invalid(where, `objects[${i}]`, `${id} is there twice`);
    ids.add(id);
    checked.push(object);
  }
  checked.forEach((object, i) => {
    const parent = parentId(object);
    if (parent !== undefined && !ids.has(parent))
      throw invalid(where, `objects[${i}]`, `it is part of ${parent}, which is not in the document`);
  });
  const graph = makeGraph(checked, unmodelled as Unmodelled[]);
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

/** Checks one schema object from outside; `path` is its place in the document. */
export function checkObject(value: unknown, where: string, path: string): SchemaObject {
  const kind = typeof value === "object" && value !== null ? (value as { kind?: unknown }).kind : undefined;
  if (typeof kind !== "string" || !Object.hasOwn(objectSchemas, kind)) {
    throw invalid(where, `${path}.kind`, `${JSON.stringify(kind ?? null)} is not a kind of schema object`);
  }
  const result = v.safeParse(objectSchemas[kind as ObjectKind] as v.GenericSchema<unknown, SchemaObject>, value, {
    abortEarly: true,
  });
  if (!result.success) throw invalid(where, issuePath(path, result.issues[0]), result.issues[0].message);
  return result.output;
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

const poison = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Parses JSON from a stranger: refuses a document that is too large or too deep before parsing it, and one with a
 * member named `__proto__`, `constructor` or `prototype` anywhere. Such names as values are fine.
 */
export function parseJson(text: string, where: string): unknown {
  if (text.length > documentLimits.bytes) throw invalid(where, "", `it is larger than ${documentLimits.bytes} bytes`);
  scanDepth(text, where);
  try {
    const value: unknown = JSON.parse(text);
    if (/"(?:__proto__|constructor|prototype)"\s*:|\\u00/.test(text)) refusePoison(value, where, "");
    return value;
  } catch (error) {
    if (isToolError(error)) throw error;
    throw invalid(where, "", `it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function scanDepth(text: string, where: string): void {
  let depth = 0;
  const structure = /["[\]{}]/g;
  for (let found = structure.exec(text); found; found = structure.exec(text)) {
    const character = found[0];
    if (character === '"') {
      const end = endOfString(text, found.index + 1);
      if (end < 0) return;
      structure.lastIndex = end + 1;
    } else if (character === "[" || character === "{") {
      depth++;
      if (depth > documentLimits.depth)
        throw invalid(where, "", `it is nested deeper than ${documentLimits.depth} levels`);
    } else depth--;
  }
}

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
    if (!Array.isArray(value) && poison.has(key)) throw invalid(where, at, `a member may not be named ${key}`);
    refusePoison((value as Record<string, unknown>)[key], where, at);
  }
}
