/** What the renames of schemas, types and values of enums share: payload members, prediction and undo. */
import { sameValue } from "../base/ordered.ts";
import { editGraph, type GraphEdit, type SchemaGraph } from "../model/graph.ts";
import type { SchemaObject } from "../model/object.ts";
import { objectRenameEdits } from "../model/object-rename.ts";
import type { ObjectRename } from "../model/renamed-object.ts";
import type { Inversion, Operation } from "./define.ts";
import { operation } from "./define.ts";

/** The operation that makes a rename in `before`; `after` tells how texts that may mention the name are to read. */
export function objectRenameOperation(before: SchemaGraph, after: SchemaGraph, rename: ObjectRename): Operation {
  const plain = editGraph(before, objectRenameEdits(before, rename));
  const wanted = editGraph(before, objectRenameEdits(before, rename, { wanted: after }));
  const also: SchemaObject[] = [];
  for (const [id, object] of wanted.objects) if (!sameValue(object, plain.objects.get(id))) also.push(object);
  return operation(kindOfRename(rename), { ...payloadOf(rename), ...(also.length > 0 ? { also } : {}) });
}

/** The edits of such an operation. */
export function editsOfObjectRename(
  graph: SchemaGraph,
  rename: ObjectRename,
  also: readonly SchemaObject[] | undefined,
): GraphEdit[] {
  return objectRenameEdits(graph, rename, also === undefined ? {} : { also });
}

/** The rename back, from what the first one leads to. */
export function renamingBack(
  before: SchemaGraph,
  rename: ObjectRename,
  back: ObjectRename,
  also: readonly SchemaObject[] | undefined,
): Inversion {
  const after = editGraph(before, editsOfObjectRename(before, rename, also));
  return { reversible: true, operations: [objectRenameOperation(after, before, back)] };
}

function kindOfRename({ of }: ObjectRename): string {
  if (of === "schema") return "renameSchema";
  if (of === "enumValue") return "renameEnumValue";
  return "renameType";
}

function payloadOf(rename: ObjectRename): object {
  const { of, ...rest } = rename;
  return of === "schema" || of === "enumValue" ? rest : { type: of, ...rest };
}
