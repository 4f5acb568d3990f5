/** What renameTable and renameColumn share: how texts of other objects follow, and how the graph looks afterwards. */
import { sameValue } from "../base/ordered.ts";
import { columnsOfTable, editGraph, type GraphEdit, type SchemaGraph } from "../model/graph.ts";
import { allFollowersOf, isFollowing } from "../model/inheritance.ts";
import { columnId, tableId } from "../model/kinds.ts";
import type { SchemaObject } from "../model/object.ts";
import { mayMention, type Rename, renameEdits, renameTexts } from "../model/rename.ts";
import { qualified, quoteIdent, serverMadeName } from "../sql/identifier.ts";
import { type Statement, statement } from "../sql/statement.ts";
import { notNullIdOf } from "./sql/not-null-constraint.ts";

/** The objects whose texts change with a rename, in id order; `after` is the schema that is wanted. */
export function textsThatFollow(before: SchemaGraph, after: SchemaGraph, rename: Rename): SchemaObject[] {
  const renamed = editGraph(before, editsOfRename(before, rename));
  const renames = renamesOf(before, rename);
  const newNames = renames.map((each): Rename => ({ ...each, from: each.to }));
  const found: SchemaObject[] = [];
  for (const [id, object] of renamed.objects) {
    let followed = object;
    for (const [at, each] of newNames.entries()) {
      if (mayMention(object, each)) followed = renameTexts(followed, after.objects.get(id), renames[at] ?? rename);
    }
    if (!sameValue(followed, object)) found.push(followed);
  }
  return found;
}

/** The edits of a rename: everything that carries or refers to the name, then the texts. */
export function editsOfRename(graph: SchemaGraph, rename: Rename, also: readonly SchemaObject[] = []): GraphEdit[] {
  const edits: GraphEdit[] = [];
  let current = graph;
  const renames = renamesOf(graph, rename);
  for (const [at, each] of renames.entries()) {
    const more = renameEdits(current, each);
    edits.push(...more);
    if (at < renames.length - 1) current = editGraph(current, more);
  }
  return [...edits, ...also.map((put) => ({ put }))];
}

/**
 * The columns whose NOT NULL constraint has the name that SET NOT NULL gives and would keep it through a rename, which
 * would then be a name of its own (18); none where a table that follows has it under another name: the rename of a
 * constraint is carried through by name.
 */
export function namedNotNulls(graph: SchemaGraph, rename: Rename): string[] {
  const [schema, table] = [rename.schema, rename.of === "table" ? rename.from : rename.table];
  const own = graph.objects.get(tableId(schema, table));
  if (own?.kind !== "table" || own.partitionOf !== undefined || own.inherits !== undefined) return [];
  const followers = allFollowersOf(graph, tableId(schema, table));
  return columnsOfTable(graph, schema, table).flatMap((column) => {
    const { name } = column;
    if (!column.notNull || (rename.of === "column" && name !== rename.from)) return [];
    if (graph.objects.has(notNullIdOf(column))) return [];
    const usual = serverMadeName(table, name, "not_null");
    const alike = followers.every((follower) => {
      const part = graph.objects.get(columnId(follower.schema, follower.name, name));
      return part?.kind === "column" && part.notNullName === usual;
    });
    return alike ? [name] : [];
  });
}

/** Gives NOT NULL constraints the name that SET NOT NULL would give them after a rename. */
export function notNullRenames(
  schema: string,
  table: string,
  names: readonly { readonly from: string; readonly to: string }[],
): Statement[] {
  const on = qualified(schema, table);
  return names
    .filter(({ from, to }) => from !== to)
    .map(({ from, to }) =>
      statement(`alter table ${on} rename constraint ${quoteIdent(from)} to ${quoteIdent(to)}`, "access exclusive", [
        on,
      ]),
    );
}

/** A rename with those of the same column in the tables that follow: RENAME COLUMN carries it through to them. */
function renamesOf(graph: SchemaGraph, rename: Rename): Rename[] {
  if (rename.of !== "column") return [rename];
  const { schema, table, from } = rename;
  const following = allFollowersOf(graph, tableId(schema, table)).filter((follower) => {
    const column = graph.objects.get(columnId(follower.schema, follower.name, from));
    return column?.kind === "column" && isFollowing(graph, column);
  });
  return [rename, ...following.map((follower) => ({ ...rename, schema: follower.schema, table: follower.name }))];
}
