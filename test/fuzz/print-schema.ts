/** A random schema as SQL, in an order that Postgres takes. What refers to something that is not there is left out. */
import { plainTypes } from "./random-schema.ts";
import type { RandomColumn, RandomSchema, RandomTable, RandomType, RandomView } from "./schema-shape.ts";

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const at = (object: { readonly schema: string; readonly name: string }): string =>
  `${quote(object.schema)}.${quote(object.name)}`;

/** The script that makes a schema. */
export function printSchema(schema: RandomSchema): string {
  const lines: string[] = [];
  const comment = (what: string, text: string | undefined): void => {
    if (text !== undefined) lines.push(`comment on ${what} is ${literal(text)};`);
  };
  for (const name of schema.schemas) if (name !== "public") lines.push(`create schema ${quote(name)};`);
  for (const type of schema.types) {
    lines.push(typeScript(type));
    comment(`${type.kind === "domain" ? "domain" : "type"} ${at(type)}`, type.comment);
  }
  for (const { increment, maximum, cycle, ...sequence } of schema.sequences) {
    const most = maximum === undefined ? "" : ` maxvalue ${maximum}`;
    lines.push(`create sequence ${at(sequence)} increment ${increment}${most}${cycle ? " cycle" : ""};`);
  }
  for (const fn of schema.functions) {
    lines.push(
      `create function ${at(fn)}(value integer) returns integer language sql ${fn.volatility}${fn.strict ? " strict" : ""} as ${literal(`select value * ${fn.factor}`)};`,
    );
    comment(`function ${at(fn)}(integer)`, fn.comment);
  }
  if (schema.tables.some(({ triggers }) => triggers.length > 0)) {
    lines.push("create function public.touch() returns trigger language plpgsql as 'begin return new; end';");
  }
  for (const table of schema.tables) {
    lines.push(...tableScript(table, schema));
    comment(`table ${at(table)}`, table.comment);
    for (const column of table.columns) comment(`column ${at(table)}.${quote(column.name)}`, column.comment);
  }
  for (const table of schema.tables) lines.push(...foreignKeys(table, schema));
  for (const view of schema.views) {
    const script = viewScript(view, schema);
    if (script === undefined) continue;
    lines.push(script);
    comment(`${view.materialized ? "materialized view" : "view"} ${at(view)}`, view.comment);
  }
  return `${lines.join("\n")}\n`;
}

/** Rows for the tables that are to have some: keys alone, everything else is what the schema makes of it. */
export function printRows(schema: RandomSchema): string {
  return schema.tables
    .filter(({ hasRows }) => hasRows)
    .map((table) => `insert into ${at(table)} (id) overriding system value select generate_series(1, 3);`)
    .join("\n");
}

function typeScript(type: RandomType): string {
  switch (type.kind) {
    case "enum":
      return `create type ${at(type)} as enum (${type.members.map(literal).join(", ")});`;
    case "domain":
      return `create domain ${at(type)} as integer default ${type.limit} check (value < ${1000 + type.limit});`;
    case "composite":
      return `create type ${at(type)} as (${type.members.map((member, index) => `part${index} ${member}`).join(", ")});`;
  }
}

function typeOf(column: RandomColumn, schema: RandomSchema): string {
  if (!column.type.startsWith("type:")) return column.type;
  const own = schema.types.find(({ name }) => `type:${name}` === column.type);
  return own === undefined ? "text" : at(own);
}

function defaultOf(column: RandomColumn, schema: RandomSchema): string | undefined {
  const [sequence] = schema.sequences;
  const fn = schema.functions.find(({ volatility }) => volatility === "immutable");
  if (column.default === "sequence" && column.type === "bigint" && sequence) return `nextval(${literal(at(sequence))})`;
  if (column.default === "function" && column.type === "integer" && fn) return `${at(fn)}(3)`;
  return column.default === "plain" ? plainTypes[column.type] : undefined;
}

/** What is asked of a column by a check or a condition, for types that can be asked. */
function conditionOn(column: RandomColumn, form: number): string | undefined {
  const name = quote(column.name);
  if (/^(smallint|integer|bigint|numeric|double)/.test(column.type) && !column.type.endsWith("]")) {
    return [`${name} > -100`, `${name} <> 13 or ${name} is null`, `${name} between -9 and 9999`][form];
  }
  if (/^(text|character)/.test(column.type) && !column.type.endsWith("]")) {
    return [`${name} <> 'x'`, `length(${name}::text) < 100`, `${name} is null or ${name}::text !~ '^z'`][form];
  }
  return undefined;
}

const canBeOrdered = (column: RandomColumn): boolean => !/^type:|^jsonb$/.test(column.type);

function tableScript(table: RandomTable, schema: RandomSchema): string[] {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const parts = table.columns.map((column) => columnPart(column, schema));
  if (table.hasKey) parts.push(`constraint ${quote(`${table.name.slice(0, 20)}_key`)} primary key (id)`);
  for (const { name, columns } of table.uniques) {
    const known = columns.map((column) => byName.get(column));
    if (known.some((column) => column === undefined || !canBeOrdered(column))) continue;
    const all = table.isDivided ? [...new Set([...columns, "id"])] : columns;
    parts.push(`constraint ${quote(name)} unique (${all.map(quote).join(", ")})`);
  }
  for (const { name, column, form } of table.checks) {
    const known = byName.get(column);
    const condition = known && conditionOn(known, form);
    if (condition !== undefined) parts.push(`constraint ${quote(name)} check (${condition})`);
  }
  const divided = table.isDivided ? " partition by range (id)" : "";
  const options = table.fillfactor === undefined ? "" : ` with (fillfactor = ${table.fillfactor})`;
  const script = [
    `create ${table.unlogged ? "unlogged " : ""}table ${at(table)} (\n  ${parts.join(",\n  ")}\n)${divided}${options};`,
  ];
  let from = 0;
  for (const to of table.partitions) {
    const name = `${table.name.slice(0, 20)}_p${to}`;
    script.push(
      `create table ${at({ schema: table.schema, name })} partition of ${at(table)} for values from (${from}) to (${to});`,
    );
    from = to;
  }
  for (const index of table.indexes) {
    const columns = index.columns.map((name) => byName.get(name));
    const [first] = columns;
    if (first === undefined || columns.some((column) => column === undefined || !canBeOrdered(column))) continue;
    const condition = index.partial ? conditionOn(first, 0) : undefined;
    const hash = index.method === "hash" && !index.unique && /^(bigint|integer|text)$/.test(first.type);
    const keys = index.columns.map((name) => `${quote(name)}${index.descending && !hash ? " desc" : ""}`);
    const expression = index.expression && /^(text|character varying)/.test(first.type) && !first.type.endsWith("]");
    const list = expression ? [`lower(${quote(first.name)})`] : hash ? keys.slice(0, 1) : keys;
    script.push(
      `create ${index.unique ? "unique " : ""}index ${quote(index.name)} on ${at(table)} using ${hash ? "hash" : "btree"} (${list.join(", ")})${condition === undefined ? "" : ` where ${condition}`};`,
    );
  }
  for (const column of table.columns) {
    if (column.storage !== undefined && /^(text|bytea|jsonb)$/.test(column.type)) {
      script.push(`alter table ${at(table)} alter column ${quote(column.name)} set storage ${column.storage};`);
    }
  }
  for (const { name, event, timing, state } of table.triggers) {
    script.push(
      `create trigger ${quote(name)} ${timing} ${event} on ${at(table)} for each row execute function public.touch();`,
    );
    if (state !== "enable") script.push(`alter table ${at(table)} ${state} trigger ${quote(name)};`);
  }
  if (table.rowSecurity) script.push(`alter table ${at(table)} enable row level security;`);
  for (const { name, command, permissive, value } of table.policies) {
    const using = command === "insert" ? "" : ` using (id < ${value})`;
    const check = command === "insert" || command === "update" ? ` with check (id > ${value})` : "";
    script.push(
      `create policy ${quote(name)} on ${at(table)} as ${permissive ? "permissive" : "restrictive"} for ${command}${using}${check};`,
    );
  }
  return script;
}

function columnPart(column: RandomColumn, schema: RandomSchema): string {
  const head = `${quote(column.name)} ${typeOf(column, schema)}`;
  if (column.generated !== undefined) return `${head} generated always as (id ${column.generated}) stored`;
  if (column.identity !== undefined) return `${head} not null generated ${column.identity} as identity`;
  const value = defaultOf(column, schema);
  return `${head}${column.notNull ? " not null" : ""}${value === undefined ? "" : ` default ${value}`}`;
}

function foreignKeys(table: RandomTable, schema: RandomSchema): string[] {
  return table.foreignKeys.flatMap((key) => {
    const target = schema.tables.find(({ name }) => name === key.target);
    const column = table.columns.find(({ name }) => name === key.column);
    if (target?.hasKey !== true || column?.type !== "bigint" || target.unlogged !== table.unlogged) return [];
    // Deleting cannot give NULL to a column that refuses it.
    const action = key.onDelete === "set null" && column.notNull ? "cascade" : key.onDelete;
    return [
      `alter table ${at(table)} add constraint ${quote(key.name)} foreign key (${quote(key.column)}) references ${at(target)} (id) on delete ${action}${key.deferrable ? " deferrable initially deferred" : ""};`,
    ];
  });
}

function viewScript(view: RandomView, schema: RandomSchema): string | undefined {
  const columns = viewColumns(view, schema);
  const of = schema.tables.find(({ name }) => name === view.of) ?? schema.views.find(({ name }) => name === view.of);
  if (of === undefined || columns.length === 0) return undefined;
  const kind = view.materialized ? "materialized view" : "view";
  const options = view.barrier && !view.materialized ? " with (security_barrier)" : "";
  const condition = columns.includes("id") ? ` where id > ${view.minimum}` : "";
  return `create ${kind} ${at(view)}${options} as select ${columns.map(quote).join(", ")} from ${at(of)}${condition};`;
}

function viewColumns(view: RandomView, schema: RandomSchema): string[] {
  const table = schema.tables.find(({ name }) => name === view.of);
  const under = schema.views.find(({ name }) => name === view.of);
  const given = table ? table.columns.map(({ name }) => name) : under ? viewColumns(under, schema) : [];
  return view.columns.filter((name) => given.includes(name));
}
