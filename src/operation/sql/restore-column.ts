/** The SQL that brings an archived column back: added empty, filled from the archive, then given what it had beside values. */
import type { Column } from "../../model/object.ts";
import { type ArtifactMark, archiveSchema, parkedName } from "../../sql/artifact.ts";
import { asInput } from "../../sql/expression.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { type Segment, type Statement, statement, together } from "../../sql/statement.ts";
import { tableOf } from "../place.ts";
import { columnArchive, isRequired, type RowMembers } from "../set-aside-column.ts";
import { archivedRows, mustMatch } from "./archived-rows.ts";
import { columnDefinition, identityClause } from "./column.ts";
import { commentStatements } from "./comment.ts";
import { doBlock } from "./set-aside.ts";

interface RestoredColumn extends RowMembers {
  readonly column: Column;
  readonly source?: string | undefined;
  readonly id: string;
}

/**
 * Adding is instant; filling stops writers but no readers (SHARE ROW EXCLUSIVE, which ALTER TABLE … DISABLE TRIGGER asks
 * for); NOT NULL comes last, when there is a value everywhere. What has been written to the column since it is there again
 * is never overwritten.
 */
export function columnSegments(op: RestoredColumn, mark: Omit<ArtifactMark, "phase">): Segment[] {
  const { column } = op;
  const table = tableOf(column);
  const name = quoteIdent(column.name);
  const alter = `alter table ${table}`;
  const change = (what: string): Statement => statement(`${alter} ${what}`, "access exclusive", [table]);
  if (column.generated !== undefined) {
    const add = statement(`${alter} add column ${columnDefinition(column)}`, "access exclusive", [table], "rewrite");
    return [{ ...together(add, ...commentStatements(column)), artifact: { ...mark, phase: "restored" } }];
  }
  const collation = column.collation === undefined ? "" : ` collate ${column.collation}`;
  const kept = op.source ?? column.name;
  const archive = columnArchive({ ...column, name: kept }, op.id);
  const rows = archivedRows(column, op);
  return [
    {
      ...together(
        ...(isRequired(column)
          ? [
              refuseUnfilled(
                `${rows.fromTable(table, archive)} where a.ctid is null or a.${quoteIdent(kept)} is null`,
                table,
                column,
              ),
            ]
          : []),
        ...(mustMatch(op) ? [refuseLost(`${rows.fromArchive(table, archive)} where x.at is null`, table, column)] : []),
        change(`add column ${name} ${column.type}${collation}`),
        ...(column.default === undefined
          ? []
          : [change(`alter column ${name} set default ${asInput(column.default)}`)]),
        ...(column.identity === undefined ? positions(op, (sequence) => qualified(column.schema, sequence)) : []),
        ...commentStatements(column),
      ),
      artifact: { ...mark, phase: "checked" },
    },
    ...endOf(op, mark, statement(fill(op, table, archive), "share row exclusive", [table], "rewrite")),
  ];
}

/** Fills the column; what asks for a value in every row comes in a transaction of its own. */
function endOf(op: RestoredColumn, mark: Omit<ArtifactMark, "phase">, filling: Statement): Segment[] {
  const { column } = op;
  const table = tableOf(column);
  const alter = `alter table ${table} alter column ${quoteIdent(column.name)}`;
  const restored: ArtifactMark = { ...mark, phase: "restored" };
  const last: Statement[] = [];
  if (column.notNull) last.push(statement(`${alter} set not null`, "access exclusive", [table], "scan"));
  if (column.identity !== undefined) {
    last.push(statement(`${alter} add ${identityClause(column)}`, "access exclusive", [table]));
    last.push(...positions(op, () => undefined));
  }
  if (last.length === 0) return [{ ...together(filling), artifact: restored }];
  return [together(filling), { ...together(...last), artifact: restored }];
}

/** Sets the sequences of a column to where they stood, or behind the largest number that is there, whichever is further. */
function positions(op: RestoredColumn, nameOf: (sequence: string) => string | undefined): Statement[] {
  const { column } = op;
  return (op.sequences ?? []).map((sequence) => {
    const kept = qualified(archiveSchema, parkedName(sequence, op.id));
    const known = nameOf(sequence);
    const target =
      known === undefined
        ? `pg_catalog.pg_get_serial_sequence(${quoteLiteral(tableOf(column))}, ${quoteLiteral(column.name)})`
        : quoteLiteral(known);
    const upwards = known === undefined && !op.column.identity?.increment?.startsWith("-");
    const largest = upwards
      ? `(select pg_catalog.max(t.${quoteIdent(column.name)}) from ${tableOf(column)} t)`
      : "null::pg_catalog.int8";
    return statement(
      `select pg_catalog.setval(${target}::pg_catalog.regclass, greatest(s.last_value, m.n), s.is_called or m.n is not null)
from ${kept} s cross join (select ${largest} as n) m`,
      "row exclusive",
      [tableOf(column), ...(known === undefined ? [] : [known])],
      upwards ? "scan" : "instant",
    );
  });
}

/**
 * Fills the column where it is empty, with the table's own triggers off: they are not to see an old value as a change of
 * today. Rows that came later get the default, or the next numbers of an identity.
 */
function fill(op: RestoredColumn, table: string, archive: string): string {
  const { column } = op;
  const name = quoteIdent(column.name);
  const kept = quoteIdent(op.source ?? column.name);
  const rows = archivedRows(column, op);
  const value = op.asText ? `m.value::${column.type}` : "m.value";
  const here = `t.ctid = m.at and t.tableoid = m."of" and t.${name} is null`;
  const later = [
    `  update ${table} t set ${name} = default
  from (select x.at, x."of" from ${rows.fromTable(table, archive)} where a.ctid is null) m
  where ${here};`,
  ];
  const numbers = [
    `  update ${table} t set ${name} = m.value
  from (
    select x.at, x."of", (select coalesce(pg_catalog.max(o.${name}), 0) from ${table} o) + pg_catalog.row_number() over () as value
    from ${rows.fromTable(table, archive)} where a.ctid is null
  ) m
  where ${here};`,
  ];
  return withoutTriggers(
    table,
    `  update ${table} t set ${name} = ${value}
  from (select x.at, x."of", a.${kept} as value from ${rows.matched(table, archive)} where a.${kept} is not null) m
  where ${here};
${(column.default === undefined ? (column.identity === undefined ? [] : numbers) : later).join("\n")}`,
  );
}

/** Runs changes of rows with the table's own triggers off; each is on again afterwards in the way it was. */
export function withoutTriggers(table: string, changes: string): string {
  return doBlock(`declare
  target constant pg_catalog.regclass := ${quoteLiteral(table)}::pg_catalog.regclass;
  names pg_catalog.name[];
  states pg_catalog.text[];
begin
  lock table ${table} in share row exclusive mode;
  select pg_catalog.array_agg(g.tgname order by g.tgname), pg_catalog.array_agg(g.tgenabled::pg_catalog.text order by g.tgname)
  into names, states
  from pg_catalog.pg_trigger g
  where g.tgrelid = target and not g.tgisinternal and g.tgenabled <> 'D' and g.tgtype & 16 <> 0;
  for at in 1 .. coalesce(pg_catalog.array_length(names, 1), 0) loop
    execute pg_catalog.format('alter table %s disable trigger %I', target, names[at]);
  end loop;
${changes}
  for at in 1 .. coalesce(pg_catalog.array_length(names, 1), 0) loop
    execute pg_catalog.format('alter table %s enable %s trigger %I', target,
      case states[at] when 'R' then 'replica' when 'A' then 'always' else '' end, names[at]);
  end loop;
end`);
}

/** Fails when rows would be left without a value in a column that has to have one. */
export function refuseUnfilled(rows: string, table: string, column: Column): Statement {
  return refuseRows(
    rows,
    table,
    `pg_catalog.format('%s row(s) of %s have no value to give %s back, which is NOT NULL without a default', found, ${quoteLiteral(table)}, ${quoteLiteral(column.name)})`,
    "they came after it was set aside: delete them, or bring it back as a nullable column",
  );
}

function refuseLost(rows: string, table: string, column: Column): Statement {
  return refuseRows(
    rows,
    table,
    `pg_catalog.format('%s archived value(s) of %s do not find their rows in %s again', found, ${quoteLiteral(column.name)}, ${quoteLiteral(table)})`,
    "the table had no primary key, so only rows that did not change since can be told; export the archive instead",
  );
}

function refuseRows(rows: string, table: string, message: string, hint: string): Statement {
  return statement(
    doBlock(`declare
  found pg_catalog.int8;
begin
  select pg_catalog.count(*) into found from ${rows};
  if found > 0 then
    raise exception using errcode = '23502', message = ${message},
      hint = ${quoteLiteral(hint)};
  end if;
end`),
    "access share",
    [table],
    "scan",
  );
}
