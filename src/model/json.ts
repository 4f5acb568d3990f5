/**
 * The graph as canonical JSON: what is exported, stored as a snapshot and read back from a stranger. Reading validates
 * everything before any of it is used and says where in the document something is wrong.
 */
import * as v from "valibot";
import { toolError } from "../base/errors.ts";
import { canonicalJson, hashText, type Json } from "../base/hash.ts";
import { compareText } from "../base/ordered.ts";
import { graphOfMap, type SchemaGraph, sortedObjects, type Unmodelled } from "./graph.ts";
import { type ObjectId, objectId, parentId } from "./kinds.ts";
import { graphSize, linedGraph } from "./lined-graph.ts";
import { type ObjectKind, objectSchemas, type SchemaObject } from "./object.ts";
import { documentLimits, invalid, maySpellPoison, parseJson, refuseRepeated } from "./parse-json.ts";
import { quickCheck } from "./quick-check.ts";

/** The format this version writes; it reads this one and older ones. */
export const graphFormat = 1;

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

/** The canonical text of a value, with sorted keys. */
function canonicalText(value: object): string {
  return canonicalJson(value as Json);
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

/** The layout of the objects in a document. No line holds a line break: in a text of JSON it is written as \\n. */
const opening = '"objects": [\n';
const separator = ",\n";
const closing = "\n]\n}\n";

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
  const head = `{\n${members.join(separator)}${separator}`;
  return lines.length > 0 ? `${head}${opening}${lines.join(separator)}${closing}` : `${head}"objects": []\n}\n`;
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

/**
 * Reads a graph document; `where` names the file or table in messages. Refuses with the path inside the document. One that
 * is laid out as this version writes it, with the hash of its content, is checked line by line as its objects are asked for.
 */
export function graphFromJson(text: string, where: string): GraphDocument {
  return readLines(text, where) ?? graphFromValue(parseJson(text, where), where);
}

/** A document as `graphToJson` lays it out and with nothing to complain of at first sight; undefined for any other. */
function readLines(text: string, where: string): GraphDocument | undefined {
  const start = text.indexOf(opening);
  if (start < 0 || !text.endsWith(closing) || text.length > documentLimits.bytes || maySpellPoison(text)) {
    return undefined;
  }
  const body = text.slice(start + opening.length, -closing.length);
  const lines = body.split(separator);
  if (lines.length > documentLimits.objects) return undefined;
  let content: string;
  let value: unknown;
  try {
    value = parseJson(`${text.slice(0, start)}"objects": []}`, where);
    content = lines.map((line) => (line.includes('"dependsOn":') ? contentText(JSON.parse(line)) : line)).join("\n");
  } catch {
    return undefined;
  }
  const { hash, unmodelled, origin } = readEnvelope(value, where);
  if (hashText(content) !== hash) return undefined;
  const read = (values: readonly unknown[], from: readonly string[]): Map<ObjectId, SchemaObject> => {
    // Objects take as many characters as their lines, unless a member is there twice or a line is not canonical.
    const length = from.reduce((sum, line) => sum + line.length + 1, 1);
    if (JSON.stringify(values).length !== length) refuseRepeated(from, where);
    return readObjects(values, where);
  };
  const graph = linedGraph(body, lines, unmodelled, { read, write: canonicalText }, (values) => {
    const objects = read(values, lines);
    requireParents(objects, where);
    return sortedObjects(objects);
  });
  hashes.set(graph, hash);
  return { graph, origin, hash, intact: true };
}

/** The same for a document that is already a JSON value (jsonb from the snapshots table). */
export function graphFromValue(value: unknown, where: string): GraphDocument {
  // Valibot would walk the objects once more only to copy them.
  const given = (value as { readonly objects?: unknown } | null)?.objects;
  const values: readonly unknown[] = Array.isArray(given) ? given : [];
  const { hash, unmodelled, origin } = readEnvelope(
    Array.isArray(given) ? { ...(value as object), objects: [] } : value,
    where,
  );
  const objects = readObjects(values, where);
  requireParents(objects, where);
  const graph = graphOfMap(objects, unmodelled);
  return { graph, origin, hash, intact: graphHash(graph) === hash };
}

function readObjects(values: readonly unknown[], where: string): Map<ObjectId, SchemaObject> {
  if (values.length > documentLimits.objects) {
    throw invalid(where, "objects", `it holds more than ${documentLimits.objects} objects`);
  }
  const byId = new Map<ObjectId, SchemaObject>();
  for (let i = 0; i < values.length; i++) {
    const object = checkObject(values[i], where, i);
    const id = objectId(object);
    if (byId.has(id)) throw invalid(where, `objects[${i}]`, `${id} is there twice`);
    byId.set(id, object);
  }
  return byId;
}

function requireParents(objects: ReadonlyMap<ObjectId, SchemaObject>, where: string): void {
  let at = 0;
  for (const object of objects.values()) {
    const parent = parentId(object);
    if (parent !== undefined && !objects.has(parent)) {
      throw invalid(where, `objects[${at}]`, `it is part of ${parent}, which is not in the document`);
    }
    at++;
  }
}

interface Envelope {
  readonly hash: string;
  readonly unmodelled: readonly Unmodelled[];
  readonly origin: GraphOrigin;
}

/** Checks everything of a document but its objects. */
function readEnvelope(value: unknown, where: string): Envelope {
  const envelope = v.safeParse(envelopeSchema, value);
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
  const origin = definedMembers({
    migration: rest.migration,
    phase: rest.phase,
    capturedAt: rest.capturedAt,
    operations: rest.operations,
  });
  return { hash, unmodelled, origin };
}

function definedMembers(origin: { [K in keyof GraphOrigin]: GraphOrigin[K] | undefined }): GraphOrigin {
  return Object.fromEntries(Object.entries(origin).filter(([, value]) => value !== undefined)) as GraphOrigin;
}

const quickChecks = new Map(Object.entries(objectSchemas).map(([kind, schema]) => [kind, quickCheck(schema)]));

function kindMember(value: unknown): unknown {
  return typeof value === "object" && value !== null ? (value as { kind?: unknown }).kind : undefined;
}

function isObject(value: unknown): value is SchemaObject {
  const kind = kindMember(value);
  return typeof kind === "string" && quickChecks.get(kind)?.(value) === true;
}

/** Checks one schema object of a document; `index` is its place among the objects. */
function checkObject(value: unknown, where: string, index: number): SchemaObject {
  if (isObject(value)) return value;
  const kind = kindMember(value);
  if (typeof kind !== "string" || !quickChecks.has(kind)) {
    throw invalid(where, `objects[${index}].kind`, `${JSON.stringify(kind ?? null)} is not a kind of schema object`);
  }
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
