/**
 * Values that rows are to get, as SQL: the statement that gives them, and the trigger that gives them to rows as
 * they are written. Expressions are a person's own and see the row under the table's name.
 */
import * as v from "valibot";
import { hashText, shortHash } from "../../base/hash.ts";
import { columnSchema, limits } from "../../model/object.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { type Statement, statement } from "../../sql/statement.ts";

/** An SQL expression as a person wrote it; names in it carry their schema. */
export const expressionMember = v.pipe(
  v.string(),
  v.maxLength(limits.textLength),
  v.check((text) => text.trim() !== "" && !text.includes("\0") && text.isWellFormed(), "an expression is not empty"),
);

/** Columns and the expressions they get. */
export const assignmentsMember = v.pipe(
  v.array(v.strictObject({ column: columnSchema.entries.name, expression: expressionMember })),
  v.minLength(1),
  v.maxLength(limits.listLength),
);

export interface Assignment {
  readonly column: string;
  readonly expression: string;
}

interface Table {
  readonly schema: string;
  readonly table: string;
}

/** An expression between parentheses; a comment at its end would swallow the closing one. */
export function grouped(expression: string): string {
  return /--[^\n]*$/.test(expression) ? `(${expression}\n)` : `(${expression})`;
}

/** `a = (x), b = (y)`. */
export function assigned(assignments: readonly Assignment[]): string {
  return assignments.map(({ column, expression }) => `${quoteIdent(column)} = ${grouped(expression)}`).join(", ");
}

/** The name of a trigger of ours and of its function: the same for the same purpose on the same table and columns. */
export function helperName(purpose: string, { schema, table }: Table, columns: readonly string[]): string {
  return `_zanith_${purpose}_${shortHash(hashText(JSON.stringify([schema, table, ...columns])), 16)}`;
}

/** Triggers of a kind run in the order of their names: ours last, so that it sees what the others made of the row. */
function triggerName(helper: string): string {
  return quoteIdent(`zz${helper}`);
}

/** A body between dollar quotes that it does not hold itself. */
export function dollarQuoted(body: string): string {
  let tag = "zanith";
  while (body.includes(`$${tag}$`)) tag += "_";
  return `$${tag}$\n${body}\n$${tag}$`;
}

/** Makes or replaces a trigger of ours with its function; running it again changes nothing (CREATE OR REPLACE TRIGGER is of 14). */
export function makeHelperTrigger(name: string, at: Table, when: string, body: string): Statement[] {
  const table = qualified(at.schema, at.table);
  const procedure = qualified(at.schema, name);
  return [
    statement(
      `create or replace function ${procedure}() returns trigger language plpgsql set search_path = '' as ${dollarQuoted(body)}`,
    ),
    statement(
      `create or replace trigger ${triggerName(name)} ${when} on ${table} for each row execute function ${procedure}()`,
      "share row exclusive",
      [table],
    ),
  ];
}

/** Removes a trigger of ours and its function, if they are there. */
export function dropHelperTrigger(name: string, at: Table): Statement[] {
  const table = qualified(at.schema, at.table);
  return [
    statement(`drop trigger if exists ${triggerName(name)} on ${table}`, "access exclusive", [table]),
    statement(`drop function if exists ${qualified(at.schema, name)}()`),
  ];
}

/** The row that is written, under the name its table has in expressions. */
export function writtenRow({ table }: Table): string {
  return `(select new.*) as ${quoteIdent(table)}`;
}

/** The body of a trigger that gives a row the values as it is written, where the condition holds. */
export function fillBody(at: Table, assignments: readonly Assignment[], where: string | undefined): string {
  const values = assignments.map(({ expression }) => grouped(expression)).join(", ");
  const targets = assignments.map(({ column }) => `new.${quoteIdent(column)}`).join(", ");
  const fill = `select ${values} into ${targets} from ${writtenRow(at)};`;
  const lines =
    where === undefined
      ? [`  ${fill}`]
      : [`  if exists (select from ${writtenRow(at)} where ${grouped(where)}) then`, `    ${fill}`, "  end if;"];
  return ["#variable_conflict use_column", "begin", ...lines, "  return new;", "end"].join("\n");
}
