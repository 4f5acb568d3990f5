/** What becomes of NOT NULL constraints (18) when a table begins or ends to follow another one. */
import type { GraphEdit, SchemaGraph } from "../model/graph.ts";
import { columnId } from "../model/kinds.ts";
import type { NotNull, SchemaObject } from "../model/object.ts";
import { serverMadeName } from "../sql/identifier.ts";
import { withMembers } from "./place.ts";
import { notNullIdOf } from "./sql/not-null-constraint.ts";

/** The constraints of a table that become its parent's: of those only the name is still its own. */
export function mergedNotNulls(
  graph: SchemaGraph,
  { schema, name: table }: { readonly schema: string; readonly name: string },
  parent: { readonly schema: string; readonly table: string },
): GraphEdit[] {
  return [...graph.objects.values()].flatMap((column): GraphEdit[] => {
    if (column.kind !== "column" || column.schema !== schema || column.table !== table || !column.notNull) return [];
    const above = graph.objects.get(columnId(parent.schema, parent.table, column.name));
    const own = graph.objects.get(notNullIdOf(column));
    if (above?.kind !== "column" || !above.notNull || own?.kind !== "notNull") return [];
    const usual = own.name === serverMadeName(table, column.name, "not_null");
    return [
      { drop: notNullIdOf(column) },
      ...(usual ? [] : [{ put: withMembers(column, { notNullName: own.name }) as SchemaObject }]),
    ];
  });
}

/** The constraints of columns that no longer follow a parent's: they keep the name they have from there. */
export function freedNotNulls(parts: readonly SchemaObject[]): GraphEdit[] {
  return parts.flatMap((column): GraphEdit[] => {
    if (column.kind !== "column" || column.notNullName === undefined) return [];
    const { schema, table, name, notNullName } = column;
    const own: NotNull = { kind: "notNull", schema, table, column: name, name: notNullName };
    return [
      { put: withMembers(column, { notNullName: undefined, inherited: undefined }) as SchemaObject },
      { put: own },
    ];
  });
}
