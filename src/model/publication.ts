/** Publications: their shape, and how names of tables and columns change in them. */
import * as v from "valibot";
import { compareText } from "../base/ordered.ts";
import { common, flag, limits, name, optionalNames, optionalText } from "./members.ts";

export const publishedTableSchema = v.strictObject({
  schema: name,
  table: name,
  /** in the order of their names; absent: all, those to come among them (15 and later) */
  columns: optionalNames,
  /** which rows, as pg_get_expr prints it (15 and later) */
  where: optionalText,
});
export const publicationSchema = v.strictObject({
  kind: v.literal("publication"),
  name,
  /** every table there is and will be; then no list of tables or schemas */
  allTables: flag,
  /** in the order of their names */
  tables: v.optional(v.pipe(v.array(publishedTableSchema), v.maxLength(limits.listLength))),
  /** every table there is and will be in these schemas, in order (15 and later) */
  schemas: optionalNames,
  /** what is published, in the order insert, update, delete, truncate; absent: all of it */
  publish: v.optional(v.pipe(v.array(v.picklist(["insert", "update", "delete", "truncate"])), v.maxLength(4))),
  /** changes of partitions are published as those of the topmost table */
  viaRoot: flag,
  /** generated columns are published (18 and later) */
  generatedColumns: v.optional(v.literal("stored")),
  ...common,
});

export type PublishedTable = v.InferOutput<typeof publishedTableSchema>;
type Publication = v.InferOutput<typeof publicationSchema>;

/** Tables in the order in which a publication lists them. */
export function publishedOrder(a: PublishedTable, b: PublishedTable): number {
  return compareText(a.schema, b.schema) || compareText(a.table, b.table);
}

/** A publication after a table or a column of one has got another name; the same object when it names neither. */
export function renamedPublication(
  publication: Publication,
  schema: string,
  table: string,
  renamed: (table: PublishedTable) => PublishedTable,
): Publication {
  const { tables } = publication;
  if (!tables?.some((each) => each.schema === schema && each.table === table)) return publication;
  const changed = tables.map((each) => (each.schema === schema && each.table === table ? renamed(each) : each));
  return { ...publication, tables: changed.sort(publishedOrder) };
}

/** A list of columns with one of them under another name. */
export function renamedColumns(columns: readonly string[], from: string, to: string): string[] {
  return columns.map((column) => (column === from ? to : column)).sort(compareText);
}
