/** A field as a column of the graph: its type, default and the other things Postgres keeps with a column. */
import { makeId } from "../../model/kinds.ts";
import type { Column, SequenceOptions } from "../../model/object.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { modelError } from "./brand.ts";
import type { FieldState, IdentityOptions } from "./field.ts";
import { isSql } from "./raw-sql.ts";

/** Where a field stands: its model's table, its column and what messages call it. */
export interface FieldPlace {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly position: number;
  /** `users.email` */
  readonly subject: string;
}

/** The column of a field. @throws ToolError schema_module_failed naming model and field */
export function columnObject(state: FieldState, place: FieldPlace): Column {
  const { schema, table, column: name, position, subject } = place;
  const type = state.array ? `${state.type}[]` : state.type;
  const column: Column = { kind: "column", schema, table, name, position, type };
  const sources = [state.default && "a default", state.identity && "an identity", state.generated && "an expression"];
  const given = sources.filter((source) => source !== undefined);
  if (given.length > 1) throw modelError(subject, `it has ${given.join(" and ")}: a column takes its values from one`);
  if (state.notNull || state.primaryKey || state.identity) column.notNull = true;
  if (state.default) column.default = defaultText(state, subject, state.default.value);
  if (state.identity) {
    column.identity = {
      generation: state.identity.generation,
      ...sequenceOptions(state.identity.options),
      ...(state.identity.options.sequence === undefined ? {} : { sequence: state.identity.options.sequence }),
    };
  }
  if (state.generated) {
    const { expression, storage } = state.generated;
    column.generated = { expression: sqlText(expression, subject), storage };
  }
  if (state.collation !== undefined) column.collation = quoteIdent(state.collation);
  if (state.comment !== undefined) column.comment = state.comment;
  const { enumeration } = state;
  if (enumeration) column.dependsOn = [makeId("enum", enumeration.schema, enumeration.name)];
  return column;
}

/** The text of an expression; authors without a compiler may have passed a string. */
export function sqlText(value: unknown, subject: string): string {
  if (!isSql(value)) throw modelError(subject, "an expression is missing or is plain text", "write it as sql`…`");
  if (value.text === "") throw modelError(subject, "an expression is empty", "write it out, or leave it away");
  return value.text;
}

function defaultText(state: FieldState, subject: string, value: unknown): string {
  if (isSql(value)) return sqlText(value, subject);
  if (!state.array) {
    const { text, bare } = inputOf(state, subject, value);
    return bare ? text : quoteLiteral(text);
  }
  if (!Array.isArray(value)) throw wrongDefault(state, subject, value);
  const elements = value.map((element: unknown) => inputOf(state, subject, element).text);
  return quoteLiteral(`{${elements.map(arrayElement).join(",")}}`);
}

function inputOf(
  state: FieldState,
  subject: string,
  value: unknown,
): { readonly text: string; readonly bare: boolean } {
  const input = state.toInput(value);
  if (input === undefined) throw wrongDefault(state, subject, value);
  return input;
}

function wrongDefault(state: FieldState, subject: string, value: unknown): Error {
  const type = state.array ? `${state.type}[]` : state.type;
  const shown = typeof value === "string" ? JSON.stringify(value) : Array.isArray(value) ? "an array" : String(value);
  const allowed = state.enumeration ? `: it is one of ${state.enumeration.values.join(", ")}` : "";
  return modelError(
    subject,
    `${shown} cannot be the default of a ${type} column${allowed}`,
    "write a value, or sql`…`",
  );
}

/** An element of an array literal: always quoted, so that no text means null or ends the array. */
function arrayElement(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function sequenceOptions(options: IdentityOptions): SequenceOptions {
  const { start, increment, min, max, cache, cycle } = options;
  const written: SequenceOptions = {};
  for (const [name, value] of Object.entries({ start, increment, min, max, cache })) {
    if (value !== undefined) written[name as "start"] = String(value);
  }
  if (cycle) written.cycle = true;
  return written;
}
