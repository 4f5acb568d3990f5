/**
 * How a table that is being rebuilt and the new one in the making stay the same: the triggers that repeat every write on
 * the new one, and the batches that copy the rows that are there.
 */
import { qualified, quoteIdent, quoteList } from "../../sql/identifier.ts";
import { type BatchJob, inBatches, type Segment, type Statement, statement } from "../../sql/statement.ts";
import type { RebuildTable } from "../rebuild-table-payload.ts";
import { dollarQuoted, grouped, helperName } from "./assignments.ts";

/** The function that repeats writes, and its triggers. */
export function captureNames({ table, id }: Pick<RebuildTable, "table" | "id">): {
  readonly procedure: string;
  readonly rows: string;
  readonly truncate: string;
} {
  const name = helperName("rebuild", { schema: table.schema, table: table.name }, [id]);
  return { procedure: qualified(table.schema, name), rows: `zz${name}`, truncate: `zz${name}_t` };
}

/**
 * The triggers fire in sessions that apply what another server replicates as well. The function writes as the role that makes
 * it: who writes the old table needs no rights on the new one.
 */
export function startCapture(op: RebuildTable, work: string): Statement[] {
  const { procedure, rows, truncate } = captureNames(op);
  const table = qualified(op.table.schema, op.table.name);
  const on = (sql: string): Statement => statement(sql, "share row exclusive", [table]);
  return [
    statement(
      `create function ${procedure}() returns trigger language plpgsql security definer set search_path = '' as ${dollarQuoted(body(op, work))}`,
    ),
    statement(`revoke all on function ${procedure}() from public`),
    on(
      `create trigger ${quoteIdent(rows)} after insert or update or delete on ${table} for each row execute function ${procedure}()`,
    ),
    on(
      `create trigger ${quoteIdent(truncate)} after truncate on ${table} for each statement execute function ${procedure}()`,
    ),
    on(`alter table ${table} enable always trigger ${quoteIdent(rows)}, enable always trigger ${quoteIdent(truncate)}`),
  ];
}

/** Takes the triggers and their function away. */
export function endCapture(op: RebuildTable): Statement[] {
  const { procedure, rows, truncate } = captureNames(op);
  const table = qualified(op.table.schema, op.table.name);
  return [
    ...[rows, truncate].map((name) =>
      statement(`drop trigger ${quoteIdent(name)} on ${table}`, "access exclusive", [table]),
    ),
    statement(`drop function ${procedure}()`),
  ];
}

interface Written {
  readonly names: readonly string[];
  readonly values: readonly string[];
}

function written({ columns }: RebuildTable): Written {
  const plain = columns.flatMap(({ column, value }) => (value === undefined ? [] : [{ name: column.name, value }]));
  return { names: plain.map(({ name }) => name), values: plain.map(({ value }) => grouped(value)) };
}

function body(op: RebuildTable, work: string): string {
  const { names, values } = written(op);
  const own = quoteIdent(op.table.name);
  const keyValues = op.key.map((name) => `${grouped(givenTo(op, name))} as ${quoteIdent(name)}`).join(", ");
  const same = op.key.map((name) => `w.${quoteIdent(name)} = gone.${quoteIdent(name)}`).join(" and ");
  const moved = op.key.map((name) => `old.${quoteIdent(name)} is distinct from new.${quoteIdent(name)}`).join(" or ");
  const others = names.filter((name) => !op.key.includes(name));
  const change =
    others.length === 0
      ? "nothing"
      : `update set ${others.map((name) => `${quoteIdent(name)} = excluded.${quoteIdent(name)}`).join(", ")}`;
  return [
    "#variable_conflict use_column",
    "declare",
    "  moved boolean := false;",
    "begin",
    "  if tg_op = 'TRUNCATE' then",
    `    truncate ${work};`,
    "    return null;",
    "  end if;",
    "  if tg_op = 'UPDATE' then",
    `    moved := ${moved};`,
    "  end if;",
    "  if tg_op = 'DELETE' or moved then",
    `    delete from ${work} as w using (select ${keyValues} from (select old.*) as ${own}) as gone where ${same};`,
    "  end if;",
    "  if tg_op <> 'DELETE' then",
    `    insert into ${work} (${quoteList(names)}) overriding system value`,
    `    select ${values.join(", ")} from (select new.*) as ${own}`,
    `    on conflict (${quoteList(op.key)}) do ${change};`,
    "  end if;",
    "  return null;",
    "end",
  ].join("\n");
}

function givenTo({ columns }: RebuildTable, name: string): string {
  return columns.find(({ column }) => column.name === name)?.value ?? quoteIdent(name);
}

/**
 * Copies what is there. A row that the trigger has written already is the newer one and stays. FOR KEY SHARE waits for who is
 * deleting a row, and makes who would delete it next wait: without it a row that goes between reading and writing comes back.
 */
export function copyBatches(op: RebuildTable, work: string): Segment {
  const { schema, name: of } = op.table;
  const { names, values } = written(op);
  const from = qualified(schema, of);
  const head = `insert into ${work} (${quoteList(names)}) overriding system value\nselect ${values.join(", ")} from only ${from}`;
  const tail = `\nfor key share\non conflict (${quoteList(op.key)}) do nothing`;
  const job: BatchJob = {
    schema,
    table: of,
    key: op.key,
    writes: [],
    head: `${head}\nwhere `,
    tail,
    remaining: "fail",
  };
  return inBatches(job, statement(`${head}${tail}`, "row exclusive", [from, work], "scan"));
}
