/** Indexes of a model as objects of the graph. */
import type { Index } from "../../model/object.ts";
import { quoteIdent, quoteList } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { modelError } from "./brand.ts";
import { sqlText } from "./column-object.ts";
import { columnsOfKeys } from "./constraint-objects.ts";
import { commented, type GraphDraft } from "./draft.ts";
import { type Model, modelName } from "./model.ts";
import { expressionName } from "./names.ts";
import type { IndexBuilder, IndexKey } from "./parts.ts";
import { isSql, type Sql } from "./raw-sql.ts";

/** Adds the indexes of a model; each gets the name Postgres would choose unless it has one. */
export function addIndexes(model: Model, draft: GraphDraft): void {
  for (const index of model.definition.indexes ?? []) addIndex(model, index, draft);
}

function addIndex(model: Model, { state }: IndexBuilder, draft: GraphDraft): void {
  const keys = state.keys.map((key): IndexKey<string> => (isSql(key) || typeof key === "string" ? { key } : key));
  const subject = `index ${state.name ?? `(${keys.map(keyLabel).join(", ")})`} of ${modelName(model)}`;
  if (keys.length === 0) throw modelError(subject, "it names no field");
  const columnOf = (key: string | Sql) => (isSql(key) ? undefined : columnsOfKeys(model, [key], subject)[0]);
  const included = state.include ? columnsOfKeys(model, state.include, subject) : [];
  const columns = [...keys.map(({ key }) => columnOf(key)).filter((column) => column !== undefined), ...included];
  const written = keys.map((key) => keyText(key, columnOf(key.key), subject));
  let definition = `${quoteIdent(state.method ?? "btree")} (${written.join(", ")})`;
  if (included.length > 0) definition += ` include (${quoteList(included)})`;
  if (state.nullsNotDistinct) definition += " nulls not distinct";
  if (state.with) definition += ` with (${storageParameters(state.with, subject)})`;
  if (state.where) definition += ` where (${sqlText(state.where, subject)})`;
  const parts = keys.map(({ key }) => columnOf(key) ?? expressionName(sqlText(key, subject)));
  const object: Index = {
    kind: "index",
    schema: model.schema,
    table: model.table,
    name: state.name ?? draft.indexName(model, [...distinctNames(parts), ...included], "idx"),
    ...(state.unique ? { unique: true } : {}),
    definition,
    columns: [...new Set(columns)],
    ...commented(state.comment),
  };
  draft.add(object, subject);
}

function keyLabel({ key }: IndexKey<string>): string {
  return isSql(key) ? key.text : key;
}

function keyText(index: IndexKey<string>, column: string | undefined, subject: string): string {
  const parts = [column === undefined ? `(${sqlText(index.key, subject)})` : quoteIdent(column)];
  if (index.collate !== undefined) parts.push(`collate ${quoteIdent(index.collate)}`);
  if (index.opclass !== undefined) parts.push(index.opclass);
  if (index.order !== undefined) parts.push(index.order);
  if (index.nulls !== undefined) parts.push(`nulls ${index.nulls}`);
  return parts.join(" ");
}

function storageParameters(parameters: Readonly<Record<string, string | number | boolean>>, subject: string): string {
  return Object.entries(parameters)
    .map(([name, value]) => {
      if (!/^[a-z_][a-z0-9_.]*$/i.test(name))
        throw modelError(subject, `${JSON.stringify(name)} is no storage parameter`);
      return `${name} = ${typeof value === "string" ? quoteLiteral(value) : String(value)}`;
    })
    .join(", ");
}

/** Equal names of keys get a number, as in Postgres (ChooseIndexColumnNames): lower, lower1. */
function distinctNames(names: readonly string[]): string[] {
  const taken: string[] = [];
  for (const name of names) {
    let chosen = name;
    for (let number = 1; taken.includes(chosen); number++) chosen = `${name}${number}`;
    taken.push(chosen);
  }
  return taken;
}
