/** What renameTable and renameColumn share: how texts of other objects follow, and how the graph looks afterwards. */
import { sameValue } from "../base/ordered.ts";
import { editGraph, type GraphEdit, type SchemaGraph } from "../model/graph.ts";
import type { SchemaObject } from "../model/object.ts";
import { mayMention, type Rename, renameEdits, renameTexts } from "../model/rename.ts";

/** The objects whose texts change with a rename, in id order; `after` is the schema that is wanted. */
export function textsThatFollow(before: SchemaGraph, after: SchemaGraph, rename: Rename): SchemaObject[] {
  const renamed = editGraph(before, renameEdits(before, rename));
  const newNames: Rename = { ...rename, from: rename.to };
  const found: SchemaObject[] = [];
  for (const [id, object] of renamed.objects) {
    if (!mayMention(object, newNames)) continue;
    const followed = renameTexts(object, after.objects.get(id), rename);
    if (!sameValue(followed, object)) found.push(followed);
  }
  return found;
}

/** The edits of a rename: everything that carries or refers to the name, then the texts. */
export function editsOfRename(graph: SchemaGraph, rename: Rename, also: readonly SchemaObject[] = []): GraphEdit[] {
  return [...renameEdits(graph, rename), ...also.map((put) => ({ put }))];
}
