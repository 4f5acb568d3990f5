/** Random storage, statistics, exclusion constraints, inheritance, partitions and comments of columns. */
import type { DrawnTable } from "./draw-tables.ts";
import { type Drawing, put, ranks, text } from "./draw-types.ts";

/** Draws what is said about tables that were drawn, and tables that follow others. */
export function drawMore(on: Drawing, tables: readonly DrawnTable[]): void {
  for (const table of tables) {
    drawSettings(on, table);
    if (on.draw.chance(0.2)) drawHeir(on, table);
  }
  for (let at = on.draw.below(2); at > 0; at--) drawPartitions(on);
}

function drawSettings(on: Drawing, { full, key, columns }: DrawnTable): void {
  const { draw, name } = on;
  const column = draw.one(columns);
  const isGenerated = column.types.some(({ needs }) => needs.includes("generated"));
  if (draw.chance(0.3))
    for (const options of draw.some(["fillfactor = 70", "autovacuum_enabled = false, fillfactor = 80"], 1))
      put(on, `options:${full}`, ranks.rest, `alter table ${full} set (${options})`, [key]);
  if (draw.chance(0.3))
    for (const target of draw.some([0, 50, 500], 1))
      put(
        on,
        `target:${full}`,
        ranks.rest,
        `alter table ${full} alter column ${column.name} set statistics ${target}`,
        [isGenerated ? `${column.key} stored` : column.key],
      );
  if (draw.chance(0.3) && column.types.some(({ type }) => type === "text"))
    for (const storage of draw.some(["external", "main"], 1))
      put(on, `storage:${full}`, ranks.rest, `alter table ${full} alter column ${column.name} set storage ${storage}`, [
        `${column.key} text`,
      ]);
  if (draw.chance(0.3))
    for (const words of draw.some(["one", "'two'\n"], 1))
      put(on, `comment:${column.key}`, ranks.rest, `comment on column ${full}.${column.name} is ${text(words)}`, [
        column.key,
      ]);
  if (draw.chance(0.2)) {
    const constraint = name("ex");
    for (const where of draw.some(["", " where (true)"], 1))
      put(
        on,
        `exclusion:${constraint}`,
        ranks.key,
        `alter table ${full} add constraint ${constraint} exclude using btree (${columns[0]?.name} with =)${where}`,
        [key, columns[0]?.key ?? key],
      );
  }
  const other = draw.one(columns);
  if (draw.chance(0.3) && other !== column) {
    const both = [column, other].map((each) => ({ each, type: draw.one(each.types) }));
    if (!both.every(({ type }) => type.sortable)) return;
    const statistics = `public.${name("st")}`;
    for (const kinds of draw.some(["", " (ndistinct)", " (dependencies, mcv)"], 1))
      put(
        on,
        `statistics:${statistics}`,
        ranks.rest,
        `create statistics ${statistics}${kinds} on ${both.map(({ each }) => each.name).join(", ")} from ${full}`,
        both.map(({ each, type }) => `${each.key} ${type.type}`),
      );
  }
}

function drawHeir(on: Drawing, { full, key, schema, columns }: DrawnTable): void {
  const { draw, name } = on;
  const heir = `${schema}.${name("heir")}`;
  const own = name("own");
  const [id] = columns;
  if (id === undefined) return;
  for (const column of draw.some([`${own} integer`, `${own} text default 'x'`], 1))
    put(on, `table:${heir}`, ranks.column + 0.7, `create table ${heir} (${column}) inherits (${full})`, [key, id.key]);
  const check = name("hc");
  put(on, `check:${heir}`, ranks.key, `alter table ${heir} add constraint ${check} check (${id.name} > 0)`, [
    `table:${heir}`,
  ]);
}

function drawPartitions(on: Drawing): void {
  const { draw, name } = on;
  const schema = draw.one(on.schemas);
  const parent = `${schema}.${name("parts")}`;
  const [k, v] = [name("k"), name("v")];
  const key = `table:${parent}`;
  const by = draw.one(["range", "list", "hash"]);
  put(on, key, ranks.table, `create table ${parent} (${k} integer not null) partition by ${by} (${k})`, [
    `schema:${schema}`,
  ]);
  for (const column of draw.some([`${v} text`, `${v} integer default 3`, `${v} text not null default 'q'`], 1))
    put(on, `column:${parent}.${v}`, ranks.column, `alter table ${parent} add column ${column}`, [key]);
  const bounds = (at: number): string =>
    by === "range"
      ? `from (${at * 10}) to (${at * 10 + 10})`
      : by === "list"
        ? `in (${at}, ${at + 100})`
        : `with (modulus 4, remainder ${at})`;
  for (let at = draw.below(4); at > 0; at--) {
    const part = `${draw.one(on.schemas)}.${name("part")}`;
    put(
      on,
      `table:${part}`,
      ranks.column + 0.7,
      `create table ${part} partition of ${parent} for values ${bounds(at)}`,
      [key, `schema:${part.slice(0, part.lastIndexOf('."'))}`],
    );
    if (draw.chance(0.4))
      put(on, `index:${part}`, ranks.key, `create index ${name("pix")} on ${part} (${v})`, [
        `table:${part}`,
        `column:${parent}.${v}`,
      ]);
  }
  if (draw.chance(0.5)) put(on, `pk:${parent}`, ranks.key, `alter table ${parent} add primary key (${k})`, [key]);
  if (draw.chance(0.5)) {
    const index = name("px");
    for (const columns of draw.some([k, `${v}, ${k}`], 1))
      put(on, `index:${parent}`, ranks.key, `create index ${index} on ${parent} (${columns})`, [
        key,
        `column:${parent}.${v}`,
      ]);
  }
  if (draw.chance(0.4)) {
    const check = name("pc");
    for (const limit of draw.some([0, 5], 1))
      put(on, `check:${parent}`, ranks.key, `alter table ${parent} add constraint ${check} check (${k} >= ${limit})`, [
        key,
      ]);
  }
}
