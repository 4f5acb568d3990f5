/** What renameTable and renameColumn share: how texts of other objects follow, and how the graph looks afterwards. */
import { sameValue } from "../base/ordered.ts";
import { editGraph, type GraphEdit, type SchemaGraph } from "../model/graph.ts";
import { allFollowersOf, isFollowing } from "../model/inheritance.ts";
import { columnId, tableId } from "../model/kinds.ts";
import type { SchemaObject } from "../model/object.ts";
import { mayMention, type Rename, renameEdits, renameTexts } from "../model/rename.ts";

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
