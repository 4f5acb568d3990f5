/**
 * Which columns another one is to take the place of: those that were said to be renamed, and those whose new type would have
 * the table written anew. And how the values of one follow from the other. Pure.
 */

import { toolError } from "../base/errors.ts";
import { commandLine } from "../base/shell.ts";
import { objectsOfKind, type SchemaGraph } from "../model/graph.ts";
import { columnId, objectId } from "../model/kinds.ts";
import type { Column } from "../model/object.ts";
import { inWords } from "../operation/place.ts";
import { temporaryName } from "../operation/replacement.ts";
import { converted } from "../operation/sql/converted.ts";
import { typeChange } from "../sql/type-change.ts";
import { readRenames } from "./renames.ts";

export interface Replacement {
  readonly old: Column;
  /** the new column as it is wanted */
  readonly column: Column;
  /** its name while both are in use */
  readonly meanwhile: string;
  /** how the values of the new column follow from the old one, and the other way round */
  readonly values: { readonly forward: string; readonly back: string };
}

/** @throws ToolError usage when there is none, or a table is renamed; not_supported for values read in a time zone */
export function replacements(before: SchemaGraph, after: SchemaGraph, renames: readonly string[]): Replacement[] {
  const found: Replacement[] = [];
  const renamed = new Set<string>();
  for (const said of readRenames(before, renames)) {
    if (said.of !== "column") {
      throw toolError({
        code: "usage",
        what: `cannot keep both names of ${said.of === "schema" ? said.from : inWords(said.schema, said.from)} in use`,
        why: "--expand-contract is for columns; another rename is one statement that takes effect at once",
        state: "nothing was written",
        next: commandLine`zanith migrate generate --rename ${said.text}, and a view under the old name for versions that still say it`,
      });
    }
    const { schema, table, from, to } = said;
    const [old, column] = [
      before.objects.get(columnId(schema, table, from)),
      after.objects.get(columnId(schema, table, to)),
    ];
    if (old?.kind !== "column" || column?.kind !== "column") continue;
    renamed.add(objectId(old));
    found.push({ old, column, meanwhile: to, values: valuesOf(old, column, to) });
  }
  for (const old of objectsOfKind(before, "column")) {
    const id = objectId(old);
    const column = after.objects.get(id);
    if (column?.kind !== "column" || renamed.has(id) || old.generated || column.generated) continue;
    if (!typeChange(old.type, column.type).rewrites) continue;
    const meanwhile = temporaryName(old.name, "new");
    found.push({ old, column, meanwhile, values: valuesOf(old, column, meanwhile) });
  }
  if (found.length > 0) return found;
  throw toolError({
    code: "usage",
    what: "there is nothing to expand and contract",
    why: "the difference holds no rename of a column that was said, and no change of type that writes a table anew",
    state: "nothing was written",
    next: "zanith migrate generate, or say a rename: --rename users.mail=users.email",
  });
}

function valuesOf(old: Column, column: Column, meanwhile: string): Replacement["values"] {
  return {
    forward: converted(old, old.name, column.type),
    back: converted(column, meanwhile, old.type),
  };
}
