/**
 * Tables that are to be rebuilt rather than changed column by column: the operations for them, and the schema they lead to.
 * Columns that come or go are no part of it: they have operations of their own. Pure.
 */
import { toolError } from "../base/errors.ts";
import { hashText, shortHash } from "../base/hash.ts";
import { columnsOfTable, editGraph, getObject, type SchemaGraph } from "../model/graph.ts";
import { objectId } from "../model/kinds.ts";
import type { Column } from "../model/object.ts";
import { findModels } from "../model/relations.ts";
import type { Operation } from "../operation/define.ts";
import { withMembers } from "../operation/place.ts";
import { rebuildTableOperation } from "../operation/rebuild-table.ts";
import { rebuiltTable } from "../operation/rebuild-table-payload.ts";
import { kindOf } from "../operation/registry.ts";
import { artifactTag } from "../sql/artifact.ts";

export interface RebuiltTables {
  readonly operations: readonly Operation[];
  readonly graph: SchemaGraph;
}

/**
 * The rebuilds of some tables, named as a person names them, as the first steps of a migration.
 * @throws ToolError usage for a name that is no table of both schemas, or one that has nothing to rebuild;
 * not_supported for a table that cannot be rebuilt
 */
export function rebuildTables(
  before: SchemaGraph,
  after: SchemaGraph,
  names: readonly string[],
  migration: string,
): RebuiltTables {
  const operations: Operation[] = [];
  let graph = before;
  for (const name of names) {
    const [id, ...others] = findModels(before, name);
    const table = id === undefined || others.length > 0 ? undefined : getObject(before, "table", id);
    if (table === undefined || !after.objects.has(objectId(table)))
      throw unusable(
        name,
        others.length > 0
          ? "several schemas have a table of that name"
          : "both schemas have to have a table of that name",
      );
    const old = columnsOfTable(graph, table.schema, table.name);
    const columns = wantedColumns(old, columnsOfTable(after, table.schema, table.name));
    if (
      columns.every(
        (column, at) =>
          column.name === old[at]?.name && column.type === old[at]?.type && column.collation === old[at]?.collation,
      )
    )
      throw unusable(name, "its columns have the types and the order that are wanted");
    const id8 = artifactTag(migration, operations.length);
    const tags = { id: id8, supersedes: shortHash(hashText(`${id8} back`), 8) };
    const op = rebuildTableOperation(
      rebuiltTable(graph, table, columns, tags, (part) => after.objects.get(objectId(part))),
    );
    operations.push(op);
    graph = editGraph(graph, kindOf(op.kind).predict(op, graph));
  }
  return { operations, graph };
}

/** The columns both sides have, as they are wanted, in the order that is wanted; those that only one side has, at the end. */
function wantedColumns(old: readonly Column[], wanted: readonly Column[]): Column[] {
  const byName = new Map(old.map((column) => [column.name, column]));
  const kept = wanted.flatMap((column) => {
    const before = byName.get(column.name);
    if (before === undefined || (before.generated === undefined) !== (column.generated === undefined)) return [];
    byName.delete(column.name);
    const { type, collation, default: value, generated, dependsOn } = column;
    // A default of an identity, or one that ends, has an operation of its own.
    const follows = before.identity === undefined && column.identity === undefined;
    return [withMembers(before, { type, collation, generated, dependsOn, ...(follows ? { default: value } : {}) })];
  });
  return [...kept, ...byName.values()];
}

function unusable(name: string, why: string): Error {
  return toolError({
    code: "usage",
    what: `cannot rebuild ${JSON.stringify(name)}`,
    why,
    state: "nothing was written",
    next: "--rebuild takes a table whose columns are to have other types or another order, such as app.users",
  });
}
