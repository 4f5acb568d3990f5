/**
 * Columns that hold the same facts in two forms: the trigger that keeps them in step while two versions of an application
 * write one or the other, and the batches that fill the new form for old rows. Shared by the kinds that spread or combine.
 */
import * as v from "valibot";
import { type Column, columnSchema, limits } from "../../model/object.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import {
  type BatchJob,
  type CatalogQuestion,
  inBatches,
  type Segment,
  statement,
  together,
} from "../../sql/statement.ts";
import {
  type Assignment,
  assigned,
  dropHelperTrigger,
  expressionMember,
  grouped,
  helperName,
  makeHelperTrigger,
  writtenRow,
} from "./assignments.ts";

const { name, type, collation } = columnSchema.entries;

/** A new column and what it gets from the old ones. */
export const derivedColumnMember = v.strictObject({ name, type, collation, expression: expressionMember });

/** Several of them. */
export const derivedColumnsMember = v.pipe(
  v.array(derivedColumnMember),
  v.minLength(1),
  v.maxLength(limits.listLength),
);

export type DerivedColumn = v.InferOutput<typeof derivedColumnMember>;

/** One form of some facts and the other. */
export interface Sync {
  readonly schema: string;
  readonly table: string;
  /** columns that are there */
  readonly old: readonly string[];
  /** columns that are made, and how their values follow from the old ones */
  readonly made: readonly DerivedColumn[];
  /** how values of the old columns follow from the new ones; new values stay without effect on the old ones without it */
  readonly back: readonly Assignment[];
  readonly key?: readonly string[] | undefined;
}

/** The column as an object of the graph. */
export function derivedColumn({ schema, table }: Sync, made: DerivedColumn): Column {
  const column: Column = { kind: "column", schema, table, name: made.name, type: made.type };
  return made.collation === undefined ? column : { ...column, collation: made.collation };
}

/** The name of the trigger's function: it is found again by the new columns. */
export function syncName(at: { readonly schema: string; readonly table: string }, made: readonly string[]): string {
  return helperName("sync", at, made);
}

/** Makes the columns and their trigger in one transaction, then fills old rows. */
export function expandSegments(sync: Sync): Segment[] {
  const { schema, table, made } = sync;
  const on = qualified(schema, table);
  const add = made.map(
    ({ name: column, type: of, collation: by }) =>
      `add column ${quoteIdent(column)} ${of}${by === undefined ? "" : ` collate ${by}`}`,
  );
  const helper = syncName(
    sync,
    made.map((one) => one.name),
  );
  const expand: Segment = {
    ...together(
      statement(`alter table ${on} ${add.join(", ")}`, "access exclusive", [on]),
      ...makeHelperTrigger(helper, sync, "before insert or update", syncBody(sync)),
    ),
    done: columnsThere(
      sync,
      made.map((one) => one.name),
    ),
  };
  return [expand, fillBatches(sync)];
}

/** Takes the trigger away. */
export function stopSegment(at: { readonly schema: string; readonly table: string }, made: readonly string[]): Segment {
  return together(...dropHelperTrigger(syncName(at, made), at));
}

/** Rows that hold a new value already got it from an application that knows the new columns. */
function fillBatches(sync: Sync): Segment {
  const { schema, table, made, key } = sync;
  const on = qualified(schema, table);
  const set = made.map(({ name: column, expression }) => ({ column, expression }));
  const where = made.map((one) => `${quoteIdent(one.name)} is null`).join(" and ");
  const head = `update ${on} set ${assigned(set)}\nwhere `;
  const job: BatchJob = {
    schema,
    table,
    ...(key === undefined ? {} : { key }),
    writes: set.map(({ column }) => column),
    head,
    where,
    set,
    remaining: "fail",
  };
  return inBatches(job, statement(`${head}${where}`, "row exclusive", [on], "scan"));
}

/**
 * Whoever changes one form has the other follow. An insert that leaves the new form empty was made by somebody who knows the
 * old one only. A change to part of a new form that was not filled yet fills the rest of it. What fills the new form with what
 * follows from the old one changes nothing back.
 */
function syncBody(sync: Sync): string {
  const { old, made, back } = sync;
  const names = made.map((one) => one.name);
  const forward = fill(
    sync,
    made.map(({ name: column, expression }) => ({ column, expression })),
  );
  const backward = back.length === 0 ? undefined : fill(sync, back);
  const rest = fill(
    sync,
    made.map(({ name: column, expression }) => ({
      column,
      expression: `coalesce(${quoteIdent(column)}, ${grouped(expression)})`,
    })),
  );
  const isEmpty = (row: "new" | "old", columns: readonly string[]) =>
    columns.map((column) => `${row}.${quoteIdent(column)} is null`).join(" and ");
  const isChanged = (columns: readonly string[]) =>
    columns.map((column) => `${asText("new", column)} is distinct from ${asText("old", column)}`).join(" or ");
  const isOwn = made.map(
    (one) =>
      `${quoteIdent(one.name)}::pg_catalog.text is distinct from ${grouped(one.expression)}::${one.type}::pg_catalog.text`,
  );
  return [
    "#variable_conflict use_column",
    "begin",
    "  if tg_op = 'INSERT' then",
    `    if ${isEmpty("new", names)} then`,
    `      ${forward}`,
    ...(backward === undefined ? [] : ["    else", `      ${backward}`]),
    "    end if;",
    `  elsif ${isChanged(old)} then`,
    `    ${forward}`,
    `  elsif ${isChanged(names)} then`,
    `    if ${isEmpty("old", names)} then`,
    `      ${rest}`,
    "    end if;",
    ...(backward === undefined
      ? []
      : [
          `    if exists (select from ${writtenRow(sync)} where ${isOwn.join(" or ")}) then`,
          `      ${backward}`,
          "    end if;",
        ]),
    "  end if;",
    "  return new;",
    "end",
  ].join("\n");
}

function asText(row: "new" | "old", column: string): string {
  return `${row}.${quoteIdent(column)}::pg_catalog.text`;
}

function fill(sync: Sync, assignments: readonly Assignment[]): string {
  const values = assignments.map(({ expression }) => grouped(expression)).join(", ");
  const targets = assignments.map(({ column }) => `new.${quoteIdent(column)}`).join(", ");
  return `select ${values} into ${targets} from ${writtenRow(sync)};`;
}

function columnsThere(
  { schema, table }: { readonly schema: string; readonly table: string },
  names: readonly string[],
): CatalogQuestion {
  const list = names.map((_, at) => `$${at + 3}`).join(", ");
  return {
    sql: `select count(*) = ${names.length}
from pg_catalog.pg_namespace n
join pg_catalog.pg_class c on c.relnamespace = n.oid
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where n.nspname = $1 and c.relname = $2 and a.attname in (${list})`,
    params: [schema, table, ...names],
  };
}
