/**
 * Which columns another one is to take the place of: those that were said to be renamed, and those whose new type would have
 * the table written anew. And how the values of one follow from the other. Pure.
 */
import { toolError } from "../base/errors.ts";
import { objectsOfKind, type SchemaGraph } from "../model/graph.ts";
import { columnId, objectId, tableId } from "../model/kinds.ts";
import type { Column } from "../model/object.ts";
import { columnInWords, inWords } from "../operation/place.ts";
import { temporaryName } from "../operation/replacement.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { parseType, typeChange, usingExpression } from "../sql/type-change.ts";
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
    if (!("table" in said)) {
      throw toolError({
        code: "usage",
        what: `cannot keep both names of ${inWords(said.schema, said.from)} in use`,
        why: "--expand-contract is for columns; the rename of a table is one statement that takes effect at once",
        state: "nothing was written",
        next: `zanith migrate generate --rename ${said.text}, and a view under the old name for versions that still say it`,
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

const [local, aware] = ["timestamp without time zone", "timestamp with time zone"] as const;
const awareOfDay = "time with time zone";

/** The value of a column as another type. Where a zone decides, it is UTC, as for a change of type in place. */
function converted(from: Column, name: string, type: string): string {
  const column = quoteIdent(name);
  const [was, now] = [parseType(from.type).base, parseType(type).base];
  const ofDay = was !== now && (was === awareOfDay || now === awareOfDay);
  if (!typeChange(from.type, type).zoned && !ofDay) return usingExpression(name, from.type, type) ?? column;
  if (was === aware && now === local) return `${column} at time zone 'UTC'`;
  if (was === aware && now === "date") return `(${column} at time zone 'UTC')::date`;
  if (was === local && now === aware) return `${column} at time zone 'UTC'`;
  if (was === "date" && now === aware) return `${column}::timestamp at time zone 'UTC'`;
  throw toolError({
    code: "not_supported",
    what: `cannot keep ${columnInWords(from)} in step with a column of type ${type}`,
    why: `how ${from.type} reads as ${type} depends on the TimeZone of whoever writes`,
    state: "nothing was written",
    next: "write a migration with splitColumn, whose expressions say the zone",
    details: { object: tableId(from.schema, from.table) },
  });
}
