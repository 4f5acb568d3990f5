/**
 * What a rename of a table or column does to a graph: which names and ids change with it, and how the texts that mention
 * the old name read afterwards. Postgres keeps references by number, so all of them follow; only printed texts change.
 */
import { generatedSequenceName, serverMadeName } from "../sql/identifier.ts";
import type { GrantTarget } from "./grant.ts";
import type { GraphEdit, SchemaGraph } from "./graph.ts";
import { columnId, type ObjectId, objectId, tableId } from "./kinds.ts";
import type { Column, NotNull, SchemaObject } from "./object.ts";
import { renamedColumns, renamedPublication } from "./publication.ts";
import { renamedText } from "./rename-text.ts";
import { renamedQuery } from "./renamed-query.ts";
import { withSortedColumns } from "./statistics-columns.ts";

/** A new name for a table or for a column of one. */
export type Rename =
  | { readonly of: "table"; readonly schema: string; readonly from: string; readonly to: string }
  | {
      readonly of: "column";
      readonly schema: string;
      readonly table: string;
      readonly from: string;
      readonly to: string;
    };

/** The edits a rename amounts to, texts aside: the renamed object, its parts and everything that refers to them. */
export function renameEdits(graph: SchemaGraph, rename: Rename): GraphEdit[] {
  const moved = new Map<ObjectId, ObjectId>();
  const changed: { readonly id: ObjectId; readonly object: SchemaObject }[] = [];
  for (const [id, object] of graph.objects) {
    const renamed = renamedMembers(object, rename);
    if (renamed !== object) {
      changed.push({ id, object: renamed });
      const newId = objectId(renamed);
      if (newId !== id) moved.set(id, newId);
    }
  }
  const edited = new Map(changed.map(({ id, object }) => [id, object]));
  const edits: GraphEdit[] = [];
  for (const [id, object] of graph.objects) {
    const now = followMoves(edited.get(id) ?? object, moved);
    if (now === object) continue;
    if (now.kind === "notNull" && isUsual(now)) {
      edits.push({ drop: id });
      continue;
    }
    edits.push(moved.has(id) ? { put: now, at: id } : { put: now });
  }
  return edits;
}

/** Whether a NOT NULL constraint has become what SET NOT NULL would make: then nothing is said of it. */
function isUsual({ table, column, name, noInherit, notValid, comment }: NotNull): boolean {
  return name === serverMadeName(table, column, "not_null") && !noInherit && !notValid && comment === undefined;
}

/** Objects whose texts may mention what is renamed: parts of its table and whatever depends on it. */
export function mayMention(object: SchemaObject, rename: Rename): boolean {
  const table = rename.of === "table" ? rename.from : rename.table;
  if (object.kind === "table" && object.schema === rename.schema && object.name === table) return true;
  if ("table" in object && object.schema === rename.schema && object.table === table) return true;
  if (object.kind === "publication") {
    return object.tables?.some((each) => each.schema === rename.schema && each.table === table) ?? false;
  }
  const id = rename.of === "table" ? tableId(rename.schema, table) : columnId(rename.schema, table, rename.from);
  const parts = `column:${id.slice("table:".length)}.`;
  return (
    object.dependsOn?.some((target) => target === id || (rename.of === "table" && target.startsWith(parts))) ?? false
  );
}

function followMoves(object: SchemaObject, moved: ReadonlyMap<ObjectId, ObjectId>): SchemaObject {
  if (!object.dependsOn?.some((id) => moved.has(id))) return object;
  return { ...object, dependsOn: object.dependsOn.map((id) => moved.get(id) ?? id).sort() };
}

function renamedMembers(object: SchemaObject, rename: Rename): SchemaObject {
  if (object.kind === "owner") {
    const { on } = object;
    const isIt = rename.of === "table" && on.kind === "table" && on.schema === rename.schema && on.name === rename.from;
    return isIt ? { ...object, on: { ...on, name: rename.to } } : object;
  }
  if (object.kind === "grant") {
    const on = renamedTarget(object.on, rename);
    return on === object.on ? object : { ...object, on };
  }
  return rename.of === "table" ? withTable(object, rename) : withColumn(object, rename);
}

function renamedTarget(on: GrantTarget, rename: Rename): GrantTarget {
  const { of, schema, from, to } = rename;
  if (on.schema !== schema) return on;
  if (of === "table") {
    if (on.kind === "column") return on.table === from ? { ...on, table: to } : on;
    return on.kind === "table" && on.name === from ? { ...on, name: to } : on;
  }
  return on.kind === "column" && on.table === rename.table && on.name === from ? { ...on, name: to } : on;
}

function withTable(object: SchemaObject, { schema, from, to }: Extract<Rename, { of: "table" }>): SchemaObject {
  const at = <T extends { readonly schema: string; readonly table: string }>(place: T): T =>
    place.schema === schema && place.table === from ? { ...place, table: to } : place;
  if (object.kind === "table") {
    const { partitionOf, inherits } = object;
    let result = object.schema === schema && object.name === from ? { ...object, name: to } : object;
    if (partitionOf !== undefined && at(partitionOf) !== partitionOf)
      result = { ...result, partitionOf: at(partitionOf) };
    if (inherits?.some((parent) => at(parent) !== parent)) result = { ...result, inherits: inherits.map(at) };
    return result;
  }
  if (object.kind === "sequence") {
    const { ownedBy } = object;
    return object.schema === schema && ownedBy?.table === from
      ? { ...object, ownedBy: { ...ownedBy, table: to } }
      : object;
  }
  if (object.kind === "statistics") {
    const { on } = object;
    return on.schema === schema && on.table === from ? { ...object, on: { ...on, table: to } } : object;
  }
  if (object.kind === "publication") {
    return renamedPublication(object, schema, from, (table) => ({ ...table, table: to }));
  }
  let result = object;
  if (result.kind === "foreignKey" && result.references.schema === schema && result.references.table === from) {
    result = { ...result, references: { ...result.references, table: to } };
  }
  if ("attachedTo" in result && result.attachedTo !== undefined && at(result.attachedTo) !== result.attachedTo) {
    result = { ...result, attachedTo: at(result.attachedTo) };
  }
  if (!("table" in result) || result.schema !== schema || result.table !== from) return result;
  if (result.kind === "column") return keepSequence({ ...result, table: to }, result);
  return { ...result, table: to };
}

function withColumn(object: SchemaObject, rename: Extract<Rename, { of: "column" }>): SchemaObject {
  const { schema, table, from, to } = rename;
  const swap = (names: readonly string[]): string[] => names.map((name) => (name === from ? to : name));
  if (object.kind === "sequence") {
    const { ownedBy } = object;
    const owned = object.schema === schema && ownedBy?.table === table && ownedBy.column === from;
    return owned ? { ...object, ownedBy: { table, column: to } } : object;
  }
  if (object.kind === "publication") {
    return renamedPublication(object, schema, table, (each) =>
      each.columns?.includes(from) ? { ...each, columns: renamedColumns(each.columns, from, to) } : each,
    );
  }
  let result = object;
  if (result.kind === "foreignKey") {
    const { references } = result;
    if (references.schema === schema && references.table === table && references.columns.includes(from)) {
      result = { ...result, references: { ...references, columns: swap(references.columns) } };
    }
  }
  if (!("table" in result) || result.schema !== schema || result.table !== table) return result;
  if (result.kind === "column") return result.name === from ? keepSequence({ ...result, name: to }, result) : result;
  if (result.kind === "notNull") return result.column === from ? { ...result, column: to } : result;
  if (!("columns" in result)) return result;
  if (result.columns.includes(from)) result = { ...result, columns: swap(result.columns) };
  if ("include" in result && result.include?.includes(from)) result = { ...result, include: swap(result.include) };
  if ("onDeleteColumns" in result && result.onDeleteColumns?.includes(from)) {
    result = { ...result, onDeleteColumns: swap(result.onDeleteColumns) };
  }
  return result;
}

/** The sequence of an identity column keeps its name, which is then no longer (or just now) the generated one. */
function keepSequence(renamed: Column, before: Column): Column {
  if (before.identity === undefined) return renamed;
  const { sequence, ...options } = before.identity;
  const name = sequence ?? generatedSequenceName(before.table, before.name);
  const generated = name === generatedSequenceName(renamed.table, renamed.name);
  return { ...renamed, identity: generated ? options : { ...options, sequence: name } };
}

/** The texts of an object that Postgres prints from parsed expressions. */
export function renameTexts(object: SchemaObject, wanted: SchemaObject | undefined, rename: Rename): SchemaObject {
  const { from, to } = rename;
  const text = <K extends string>(key: K): Partial<Record<K, string>> => {
    const before = (object as unknown as Record<string, unknown>)[key];
    if (typeof before !== "string") return {};
    const after = (wanted as unknown as Record<string, unknown> | undefined)?.[key];
    return { [key]: renamedText(before, typeof after === "string" ? after : undefined, from, to) } as Record<K, string>;
  };
  const query = <T extends { readonly definition: string }>(held: T): T => {
    const after = wanted !== undefined && "definition" in wanted ? wanted.definition : undefined;
    return { ...held, definition: renamedQuery(held.definition, after, rename) };
  };
  switch (object.kind) {
    case "table":
      return object.partitionBy === undefined ? object : { ...object, ...text("partitionBy") };
    case "check":
      return { ...object, ...text("expression") };
    case "index":
    case "exclusion":
    case "trigger":
    case "rule":
      return { ...object, ...text("definition") };
    case "statistics": {
      const now = { ...object, ...text("definition") };
      return { ...now, definition: withSortedColumns(now.definition) };
    }
    case "view":
    case "materializedView":
      return query(object);
    case "function":
    case "procedure":
      // a body that is a string is nobody's business but its author's
      return object.definition.trimEnd().endsWith("$") ? object : query(object);
    case "publication": {
      const tables = object.tables?.map((table) => {
        if (table.where === undefined) return table;
        const same = ({ schema, table: name }: typeof table): boolean =>
          schema === table.schema && name === table.table;
        const after = wanted?.kind === "publication" ? wanted.tables?.find(same)?.where : undefined;
        return { ...table, where: renamedText(table.where, after, from, to) };
      });
      return tables === undefined ? object : { ...object, tables };
    }
    case "policy":
      return { ...object, ...text("using"), ...text("check") };
    case "column": {
      const { generated } = object;
      if (generated === undefined) return object;
      const after = wanted?.kind === "column" ? wanted.generated?.expression : undefined;
      return { ...object, generated: { ...generated, expression: renamedText(generated.expression, after, from, to) } };
    }
    default:
      return object;
  }
}
