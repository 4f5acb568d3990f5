/** The SQL of publications. Tables are always named with ONLY: without it those that inherit from one would come along. */
import type { Publication } from "../../model/object.ts";
import type { PublishedTable } from "../../model/publication.ts";
import { asInput } from "../../sql/expression.ts";
import { qualified, quoteIdent, quoteList } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { type Statement, statement } from "../../sql/statement.ts";

/** What ALTER PUBLICATION can change. */
export type PublicationShape = Pick<Publication, "tables" | "schemas" | "publish" | "viaRoot" | "generatedColumns">;

const everything = ["insert", "update", "delete", "truncate"];

/** CREATE PUBLICATION. */
export function createPublicationStatement(publication: Publication): Statement {
  const { tables = [], schemas = [] } = publication;
  const members = [...tableList(tables), ...schemaList(schemas)];
  const what = publication.allTables ? " for all tables" : members.length > 0 ? ` for ${members.join(", ")}` : "";
  const options = optionsOf(publication, {});
  const sql = `create publication ${quoteIdent(publication.name)}${what}${options === "" ? "" : ` with (${options})`}`;
  return onTables(sql, tables);
}

function onTables(sql: string, tables: readonly PublishedTable[]): Statement {
  const on = tables.map(({ schema, table }) => qualified(schema, table));
  return on.length === 0 ? statement(sql) : statement(sql, "share update exclusive", on);
}

function tableList(tables: readonly PublishedTable[]): string[] {
  if (tables.length === 0) return [];
  const one = ({ schema, table, columns, where }: PublishedTable): string =>
    `only ${qualified(schema, table)}${columns ? ` (${quoteList(columns)})` : ""}${where === undefined ? "" : ` where (${asInput(where)})`}`;
  return [`table ${tables.map(one).join(", ")}`];
}

function schemaList(schemas: readonly string[]): string[] {
  return schemas.length === 0 ? [] : [`tables in schema ${quoteList(schemas)}`];
}

/** The options of one shape that another does not have. */
function optionsOf(shape: PublicationShape, other: PublicationShape): string {
  const options: string[] = [];
  const [publish, otherPublish] = [shape.publish ?? everything, other.publish ?? everything];
  if (publish.join() !== otherPublish.join()) options.push(`publish = ${quoteLiteral(publish.join(", "))}`);
  if (shape.viaRoot !== other.viaRoot) options.push(`publish_via_partition_root = ${shape.viaRoot ?? false}`);
  if (shape.generatedColumns !== other.generatedColumns) {
    options.push(`publish_generated_columns = ${shape.generatedColumns ?? "none"}`);
  }
  return options.join(", ");
}

/**
 * What leads from one shape to another: members go, options change, members come. Members that neither names are not
 * touched, and no state in between is one that Postgres refuses.
 */
export function alterPublicationStatements(name: string, from: PublicationShape, to: PublicationShape): Statement[] {
  const key = (table: PublishedTable): string => JSON.stringify(table);
  const without = (list: readonly PublishedTable[] = [], other: readonly PublishedTable[] = []): PublishedTable[] => {
    const keys = new Set(other.map(key));
    return list.filter((table) => !keys.has(key(table)));
  };
  const [goneTables, newTables] = [without(from.tables, to.tables), without(to.tables, from.tables)];
  const goneSchemas = (from.schemas ?? []).filter((schema) => !to.schemas?.includes(schema));
  const newSchemas = (to.schemas ?? []).filter((schema) => !from.schemas?.includes(schema));
  const alter = `alter publication ${quoteIdent(name)}`;
  const options = optionsOf(to, from);
  const bare = goneTables.map(({ schema, table }) => ({ schema, table }));
  return [
    ...tableList(bare).map((list) => onTables(`${alter} drop ${list}`, bare)),
    ...schemaList(goneSchemas).map((list) => statement(`${alter} drop ${list}`)),
    ...(options === "" ? [] : [onTables(`${alter} set (${options})`, to.tables ?? [])]),
    ...tableList(newTables).map((list) => onTables(`${alter} add ${list}`, newTables)),
    ...schemaList(newSchemas).map((list) => statement(`${alter} add ${list}`)),
  ];
}
