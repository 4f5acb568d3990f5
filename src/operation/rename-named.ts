/** Which operation gives another name to what is in a schema beside tables: types, sequences. */
import type { SchemaGraph } from "../model/graph.ts";
import { makeId } from "../model/kinds.ts";
import type { SchemaObject } from "../model/object.ts";
import { type Operation, operation } from "./define.ts";
import { objectRenameOperation } from "./object-rename.ts";

/** The operation that renames an object of `before`; `after` tells how the texts that mention it are to read. */
export function namedRenameOperation(
  before: SchemaGraph,
  after: SchemaGraph,
  object: SchemaObject,
  to: string,
): Operation {
  switch (object.kind) {
    case "enum":
    case "domain":
    case "compositeType":
    case "rangeType": {
      const { kind: of, schema, name: from } = object;
      const wanted = after.objects.get(makeId(of, schema, to));
      const rename = { of, schema, from, to };
      if (object.kind !== "rangeType" || wanted?.kind !== "rangeType" || wanted.multirange === object.multirange) {
        return objectRenameOperation(before, after, rename);
      }
      const multirange = { from: object.multirange, to: wanted.multirange };
      return objectRenameOperation(before, after, { ...rename, multirange });
    }
    case "sequence":
      return operation("renameSequence", { schema: object.schema, from: object.name, to });
    default:
      throw new Error(`internal: ${object.kind} has no operation that renames it`);
  }
}
