/** The SQL of what reads other servers: options, wrappers, servers, user mappings and foreign tables. */
import type {
  ForeignCheck,
  ForeignColumn,
  ForeignDataWrapper,
  ForeignOptions,
  ForeignServer,
  ForeignTable,
  UserMapping,
} from "../../model/object.ts";
import { asInput } from "../../sql/expression.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { literalOrNull, quoteLiteral } from "../../sql/literal.ts";
import { type Statement, statement } from "../../sql/statement.ts";

/** ` options (…)` after what is made; nothing when there are none. */
export function optionsClause(options: ForeignOptions | undefined): string {
  if (options === undefined || options.length === 0) return "";
  return ` options (${options.map(({ name, value }) => `${quoteIdent(name)} ${quoteLiteral(value)}`).join(", ")})`;
}

/** `options (add …, set …, drop …)`: what leads from some options to others and touches no other one; undefined for nothing. */
export function optionsChange(from: ForeignOptions = [], to: ForeignOptions = []): string | undefined {
  const old = new Map(from.map(({ name, value }) => [name, value]));
  const now = new Set(to.map(({ name }) => name));
  const parts = [
    ...from.filter(({ name }) => !now.has(name)).map(({ name }) => `drop ${quoteIdent(name)}`),
    ...to
      .filter(({ name, value }) => old.get(name) !== value)
      .map(({ name, value }) => `${old.has(name) ? "set" : "add"} ${quoteIdent(name)} ${quoteLiteral(value)}`),
  ];
  return parts.length === 0 ? undefined : `options (${parts.join(", ")})`;
}

type Routine = ForeignDataWrapper["handler"];

/** `handler f`, or `no handler`; the same for a validator. */
export function wrapperRoutine(of: "handler" | "validator", routine: Routine): string {
  return routine === undefined ? `no ${of}` : `${of} ${qualified(routine.schema, routine.name)}`;
}

/** CREATE FOREIGN DATA WRAPPER. */
export function createWrapper({ name, handler, validator, options }: ForeignDataWrapper): Statement {
  const routines = [
    ...(handler ? [` ${wrapperRoutine("handler", handler)}`] : []),
    ...(validator ? [` ${wrapperRoutine("validator", validator)}`] : []),
  ].join("");
  return statement(`create foreign data wrapper ${quoteIdent(name)}${routines}${optionsClause(options)}`);
}

/** CREATE SERVER. */
export function createServerStatement({ name, wrapper, type, version, options }: ForeignServer): Statement {
  const kind = type === undefined ? "" : ` type ${quoteLiteral(type)}`;
  const release = version === undefined ? "" : ` version ${quoteLiteral(version)}`;
  const of = ` foreign data wrapper ${quoteIdent(wrapper)}`;
  return statement(`create server ${quoteIdent(name)}${kind}${release}${of}${optionsClause(options)}`);
}

/** ALTER SERVER … VERSION. */
export function serverVersion(name: string, version: string | undefined): Statement {
  return statement(`alter server ${quoteIdent(name)} version ${literalOrNull(version)}`);
}

interface MappingPlace {
  readonly server: string;
  readonly name: string;
}

/** `user mapping for … server …`. */
export function userMappingPlace({ server, name }: MappingPlace): string {
  return `user mapping for ${name === "public" ? "public" : quoteIdent(name)} server ${quoteIdent(server)}`;
}

/** CREATE USER MAPPING. */
export function createMapping(mapping: UserMapping): Statement {
  return statement(`create ${userMappingPlace(mapping)}${optionsClause(mapping.options)}`);
}

/** CREATE FOREIGN TABLE, with the checks that a new table can have. */
export function createForeignTableStatements(table: ForeignTable): Statement[] {
  const place = qualified(table.schema, table.name);
  const checks = table.checks ?? [];
  const parts = [
    ...table.columns.map(foreignColumnText),
    ...checks.filter(({ notValid }) => !notValid).map((check) => checkText(check)),
  ];
  const body = parts.length > 0 ? `(\n  ${parts.join(",\n  ")}\n)` : "()";
  const create = `create foreign table ${place} ${body} server ${quoteIdent(table.server)}${optionsClause(table.options)}`;
  return [
    statement(create),
    ...checks.filter(({ notValid }) => notValid).map((check) => addForeignCheck(table, check)),
    ...table.columns.flatMap((column) =>
      column.comment === undefined ? [] : [foreignColumnComment(table, column.name, column.comment)],
    ),
    ...checks.flatMap((check) =>
      check.comment === undefined ? [] : [foreignCheckComment(table, check.name, check.comment)],
    ),
  ];
}

interface TablePlace {
  readonly schema: string;
  readonly name: string;
}

function foreignColumnText(column: ForeignColumn): string {
  const parts = [`${quoteIdent(column.name)} ${column.type}${optionsClause(column.options)}`];
  if (column.collation !== undefined) parts.push(`collate ${column.collation}`);
  if (column.generated) {
    parts.push(`generated always as (${asInput(column.generated.expression)}) ${column.generated.storage}`);
  }
  if (column.default !== undefined) parts.push(`default ${asInput(column.default)}`);
  if (column.notNull) parts.push("not null");
  return parts.join(" ");
}

function checkText({ name, expression, noInherit, notValid }: ForeignCheck): string {
  return `constraint ${quoteIdent(name)} check ${asInput(expression)}${noInherit ? " no inherit" : ""}${notValid ? " not valid" : ""}`;
}

/** ALTER FOREIGN TABLE with one action; nothing is read or written on the other side. */
export function alterForeign(table: TablePlace, action: string): Statement {
  const place = qualified(table.schema, table.name);
  return statement(`alter foreign table ${place} ${action}`, "access exclusive", [place]);
}

/** Adds a check. */
export function addForeignCheck(table: TablePlace, check: ForeignCheck): Statement {
  return alterForeign(table, `add ${checkText(check)}`);
}

/** Adds a column at the end. */
export function addForeignColumn(table: TablePlace, column: ForeignColumn): Statement {
  return alterForeign(table, `add column ${foreignColumnText(column)}`);
}

/** The comment of a column. */
export function foreignColumnComment(table: TablePlace, column: string, comment: string | undefined): Statement {
  const place = qualified(table.schema, table.name);
  return statement(
    `comment on column ${place}.${quoteIdent(column)} is ${literalOrNull(comment)}`,
    "share update exclusive",
    [place],
  );
}

/** The comment of a check. */
export function foreignCheckComment(table: TablePlace, check: string, comment: string | undefined): Statement {
  const place = qualified(table.schema, table.name);
  return statement(
    `comment on constraint ${quoteIdent(check)} on ${place} is ${literalOrNull(comment)}`,
    "share update exclusive",
    [place],
  );
}
