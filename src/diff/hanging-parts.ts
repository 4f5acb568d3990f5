/**
 * What hangs on a column that another one is to take the place of: the parts that can be made again on the new column while
 * both are in use, and everything that cannot, by name. Reads graphs only.
 */

import { toolError } from "../base/errors.ts";
import { commandLine } from "../base/shell.ts";
import { belongingsByOwner, dependentsById, type SchemaGraph } from "../model/graph.ts";
import {
  kindOfId,
  nameOfId,
  type ObjectId,
  objectId,
  parentId,
  providedBy,
  reliesOn,
  ruleOf,
  tableId,
} from "../model/kinds.ts";
import type { Column, SchemaObject } from "../model/object.ts";
import type { Part } from "../operation/contract-column.ts";
import { columnInWords, inWords as tableInWords } from "../operation/place.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";

/** Members of a column that the new one gets; any other says something that would be lost on the way. */
const carriedMembers = new Set([
  "kind",
  "schema",
  "table",
  "name",
  "position",
  "type",
  "notNull",
  "default",
  "collation",
  "comment",
  "dependsOn",
]);

/** Members of a table that say that there is more than the one table, and how that is said. */
const divided: Readonly<Record<string, string>> = {
  partitionBy: "its table is partitioned",
  partitionOf: "its table is a partition",
  inherits: "its table inherits from another",
};

/** What the graph does not model and DROP COLUMN takes along without a word. */
const lostWithTable = /replica identity/;

/** The part, when an object is one that can be made again on another column of its table. */
export function asPart(object: SchemaObject): Part | undefined {
  const { kind } = object;
  if (kind === "index") return object.on === undefined && !object.invalid ? object : undefined;
  return kind === "unique" || kind === "check" || kind === "foreignKey" ? object : undefined;
}

/**
 * The parts on a column that can be carried over to another.
 * @throws ToolError not_supported naming everything that cannot
 */
export function hangingParts(graph: SchemaGraph, column: Column, dependents = dependentsById(graph)): Part[] {
  const id = objectId(column);
  const table = tableId(column.schema, column.table);
  const parts: Part[] = [];
  const refused: string[] = Object.keys(column)
    .filter((member) => !carriedMembers.has(member))
    .map((member) => `it has ${member === "generated" ? "a generation expression" : `its own ${member}`}`);
  for (const member of Object.keys(graph.objects.get(table) ?? {})) {
    const why = divided[member];
    if (why !== undefined) refused.push(why);
  }
  for (const dependent of dependents.get(table) ?? [])
    if (kindOfId(dependent) === "table") refused.push(`${inWords(dependent)}, which is one with its table`);
  for (const dependent of new Set(dependents.get(id) ?? [])) {
    const object = graph.objects.get(dependent) as SchemaObject;
    const part = parentId(object) === table ? asPart(object) : undefined;
    if (part === undefined || refersFromElsewhere(part, column)) refused.push(inWords(dependent));
    else parts.push(part);
    if (part === undefined) continue;
    refused.push(...reliantOn(graph, part, column));
    for (const user of dependents.get(dependent) ?? []) refused.push(`${inWords(user)}, which needs ${part.name}`);
  }
  for (const owned of belongingsByOwner(graph).get(id) ?? [])
    refused.push(`${inWords(objectId(owned))}, which belongs to it`);
  refused.push(...unmodelledOn(graph, column));
  if (refused.length === 0) return parts;
  throw toolError({
    code: "not_supported",
    what: `cannot put another column in the place of ${columnInWords(column)} while both are in use`,
    why: `what is on it cannot be carried over: ${refused.join("; ")}`,
    state: "nothing was written",
    next: commandLine`zanith migrate generate --rebuild ${tableInWords(column.schema, column.table)}, which copies the whole table; or drop these in a migration before and make them again in one after`,
    details: { object: id },
  });
}

/** What needs a key or index without naming its columns, such as a replica identity; foreign keys do name them. */
function reliantOn(graph: SchemaGraph, part: Part, { schema, table }: Column): string[] {
  const keys = new Set(providedBy(part));
  const found: string[] = [];
  for (const [id, object] of graph.objects) {
    if (object.kind === "foreignKey" && (object.schema !== schema || object.table !== table)) continue;
    if (id !== objectId(part) && reliesOn(object).some((key) => keys.has(key)))
      found.push(`${inWords(id)}, which needs ${part.name}`);
  }
  return found;
}

/** Whether a foreign key of the table refers to the column, from whatever other column. */
function refersFromElsewhere(part: Part, { schema, table, name }: Column): boolean {
  if (part.kind !== "foreignKey") return false;
  const { references } = part;
  return references.schema === schema && references.table === table && references.columns.includes(name);
}

function inWords(id: ObjectId): string {
  return `${ruleOf(kindOfId(id)).label} ${nameOfId(id)}`;
}

function unmodelledOn(graph: SchemaGraph, { schema, table, name }: Column): string[] {
  const onTable = qualified(schema, table);
  const onColumn = `${onTable}.${quoteIdent(name)}`;
  return graph.unmodelled
    .filter((one) => one.name === onColumn || (one.name === onTable && lostWithTable.test(one.kind)))
    .map((one) => `${one.kind} ${one.name}`);
}
