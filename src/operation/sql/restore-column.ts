/** The SQL that brings an archived column back: added empty, filled from the archive, then given what it had beside values. */
import type { Column } from "../../model/object.ts";
import { type ArtifactMark, archiveSchema, parkedName } from "../../sql/artifact.ts";
import { asInput } from "../../sql/expression.ts";
import { qualified, quoteIdent, quoteList } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { inBatches, type Segment, type Statement, statement, together } from "../../sql/statement.ts";
import { tableOf } from "../place.ts";
import { columnArchive, isRequired, type RowMembers } from "../set-aside-column.ts";
import { archivedRows, mustMatch } from "./archived-rows.ts";
import { columnDefinition, identityClause } from "./column.ts";
import { commentStatements } from "./comment.ts";
import { doBlock } from "./set-aside.ts";
import { columnStorageStatements } from "./storage.ts";

interface RestoredColumn extends RowMembers {
  readonly column: Column;
  readonly source?: string | undefined;
  readonly id: string;
  readonly batches?: true | undefined;
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
    const about = [...columnStorageStatements([column]), ...commentStatements(column)];
    return [{ ...together(add, ...about), artifact: { ...mark, phase: "restored" } }];
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
        ...(mustMatch(op)
          ? [refuseLost(`${rows.fromArchive(table, archive)} where x._zanith_at is null`, table, column)]
          : []),
        change(`add column ${name} ${column.type}${collation}`),
        ...(column.default === undefined
          ? []
          : [change(`alter column ${name} set default ${asInput(column.default)}`)]),
        ...(column.identity === undefined ? positions(op, (sequence) => qualified(column.schema, sequence)) : []),
        ...columnStorageStatements([column]),
        ...commentStatements(column),
        ...(op.batches ? [indexArchive(op, archive)] : []),
      ),
      artifact: { ...mark, phase: "checked" },
    },
    ...endOf(op, mark, filling(op, table, archive)),
  ];
}

/** The segments that fill the column: one statement that stops writers, or batches and what is left to be done about new rows. */
function filling(op: RestoredColumn, table: string, archive: string): Segment[] {
  const whole = (changes: readonly string[]): Segment =>
    together(statement(withoutTriggers(table, changes.join("\n")), "share row exclusive", [table], "rewrite"));
  const later = laterRows(op, table, archive);
  if (!op.batches) return [whole([archivedValues(op, table, archive), ...later])];
  return [batchesOf(op, table, archive), ...(later.length === 0 ? [] : [whole(later)])];
}

/** A batch looks each row up in the archive; what is not NULL by then stays as it is. */
function batchesOf(op: RestoredColumn, table: string, archive: string): Segment {
  const { column, key = [] } = op;
  const name = quoteIdent(column.name);
  const kept = `a.${quoteIdent(op.source ?? column.name)}`;
  const value = op.asText ? `${kept}::${column.type}` : kept;
  const found = `from ${archive} a where ${key.map((part) => `a.${quoteIdent(part)} = t.${quoteIdent(part)}`).join(" and ")}`;
  const head = `update ${table} as t set ${name} = (select ${value} ${found})\nwhere `;
  const where = `t.${name} is null and exists (select ${found} and ${kept} is not null)`;
  return inBatches(
    {
      schema: column.schema,
      table: column.table,
      writes: [column.name],
      head,
      tail: `\nand ${where}`,
      remaining: "fail",
    },
    statement(`${head}${where}`, "row exclusive", [table], "scan"),
  );
}

/** The archive is a plain copy until somebody looks rows up in it. */
function indexArchive({ key = [] }: RestoredColumn, archive: string): Statement {
  return statement(
    doBlock(`begin
  if not exists (select from pg_catalog.pg_index i
      where i.indrelid = ${quoteLiteral(archive)}::pg_catalog.regclass and i.indisprimary) then
    alter table ${archive} add primary key (${quoteList(key)});
  end if;
end`),
    "access exclusive",
    [archive],
    "scan",
  );
}

/** What asks for a value in every row comes after the filling, in a transaction of its own. */
function endOf(op: RestoredColumn, mark: Omit<ArtifactMark, "phase">, segments: readonly Segment[]): Segment[] {
  const { column } = op;
  const table = tableOf(column);
  const alter = `alter table ${table} alter column ${quoteIdent(column.name)}`;
  const last: Statement[] = [];
  if (column.notNull) last.push(statement(`${alter} set not null`, "access exclusive", [table], "scan"));
  if (column.identity !== undefined) {
    last.push(statement(`${alter} add ${identityClause(column)}`, "access exclusive", [table]));
    last.push(...positions(op, () => undefined));
  }
  // Batches record where they stand and nothing else; and the planner has not heard of the values yet.
  if (last.length === 0 && op.batches)
    last.push(statement(`analyze ${table} (${quoteIdent(column.name)})`, "share update exclusive", [table], "scan"));
  const restored: ArtifactMark = { ...mark, phase: "restored" };
  if (last.length > 0) return [...segments, { ...together(...last), artifact: restored }];
  return segments.map((segment, at) => (at === segments.length - 1 ? { ...segment, artifact: restored } : segment));
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

/** The change that gives rows their archived values; a column that is not empty by then keeps what it has. */
function archivedValues(op: RestoredColumn, table: string, archive: string): string {
  const { column } = op;
  const kept = quoteIdent(op.source ?? column.name);
  const rows = archivedRows(column, op);
  const value = op.asText ? `m.value::${column.type}` : "m.value";
  return `  update ${table} t set ${quoteIdent(column.name)} = ${value}
  from (select x._zanith_at, x._zanith_of, a.${kept} as value from ${rows.matched(table, archive)} where a.${kept} is not null) m
  where ${isEmpty(column)};`;
}

/** The change for rows that came later: the default, or the next numbers of an identity. None without either. */
function laterRows(op: RestoredColumn, table: string, archive: string): string[] {
  const { column } = op;
  const name = quoteIdent(column.name);
  const rows = archivedRows(column, op);
  if (column.default !== undefined)
    return [
      `  update ${table} t set ${name} = default
  from (select x._zanith_at, x._zanith_of from ${rows.fromTable(table, archive)} where a.ctid is null) m
  where ${isEmpty(column)};`,
    ];
  if (column.identity === undefined) return [];
  return [
    `  update ${table} t set ${name} = m.value
  from (
    select x._zanith_at, x._zanith_of, (select coalesce(pg_catalog.max(o.${name}), 0) from ${table} o) + pg_catalog.row_number() over () as value
    from ${rows.fromTable(table, archive)} where a.ctid is null
  ) m
  where ${isEmpty(column)};`,
  ];
}

function isEmpty({ name }: Column): string {
  return `t.ctid = m._zanith_at and t.tableoid = m._zanith_of and t.${quoteIdent(name)} is null`;
}

/**
 * Runs changes of rows with the table's own triggers off, which are not to see an old value as a change of today; each is
 * on again afterwards in the way it was. So is row security that is forced on the owner, who would not reach every row.
 */
export function withoutTriggers(table: string, changes: string): string {
  return doBlock(`declare
  target constant pg_catalog.regclass := ${quoteLiteral(table)}::pg_catalog.regclass;
  names pg_catalog.name[];
  states pg_catalog.text[];
  forced pg_catalog.bool;
begin
  lock table ${table} in share row exclusive mode;
  select c.relforcerowsecurity and not r.rolsuper and not r.rolbypassrls into forced
  from pg_catalog.pg_class c, pg_catalog.pg_roles r where c.oid = target and r.rolname = current_user;
  if forced then
    execute pg_catalog.format('alter table %s no force row level security', target);
  end if;
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
  if forced then
    execute pg_catalog.format('alter table %s force row level security', target);
  end if;
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
