/** Random views, routines, triggers, rules, policies and comments over tables that were drawn. */
import type { DrawnTable } from "./draw-tables.ts";
import { type Drawing, put, ranks, text } from "./draw-types.ts";

/** Draws what stands on tables. */
export function drawRest(on: Drawing, tables: readonly DrawnTable[]): void {
  const views = drawViews(on, tables);
  for (const table of tables) drawGuards(on, table);
  drawRoutines(on, tables);
  drawComments(on, [...tables.map(({ full, key }) => ["table", full, key] as const), ...views]);
}

function drawViews(on: Drawing, tables: readonly DrawnTable[]): (readonly [string, string, string])[] {
  const { draw, name } = on;
  const made: { full: string; key: string; column: string }[] = [];
  const found: (readonly [string, string, string])[] = [];
  for (let at = draw.below(4); at > 0; at--) {
    const schema = draw.one(on.schemas);
    const full = `${schema}.${name("v")}`;
    const column = name("vc");
    const materialized = draw.chance(0.25);
    const key = `view:${full}`;
    for (let version = 0; version < 3; version++) {
      const table = draw.one(tables);
      const [a, b] = [draw.one(table.columns), draw.one(table.columns)];
      const below = made.length > 0 && draw.chance(0.4) ? draw.one(made) : undefined;
      const query = below
        ? `select ${below.column} as ${column} from ${below.full}`
        : draw.one([
            `select x.${a.name} as ${column}, x.${b.name} as other from ${table.full} x where x.${b.name} is not null`,
            `select x.${a.name} as ${column}, x.${b.name} as other from ${table.full} x`,
            `select x.${a.name} as ${column} from ${table.full} x union all select y.${a.name} from ${table.full} y`,
            `select x.${a.name} is null as ${column}, (select count(*) from ${table.full} z) as n from ${table.full} x`,
            `with q as (select ${a.name} as k from ${table.full}) select q.k as ${column} from q join ${table.full} x on x.${b.name} is null`,
          ]);
      const options =
        materialized || draw.chance(0.7)
          ? ""
          : on.major >= 15
            ? " with (security_invoker='true')"
            : " with (security_barrier='true')";
      const data = materialized && draw.chance(0.3) ? " with no data" : "";
      put(
        on,
        key,
        ranks.view,
        `create ${materialized ? "materialized " : ""}view ${full}${options} as ${query}${data}`,
        [`schema:${schema}`, ...(below ? [below.key] : [a.key, b.key])],
        [`view:${full} there`],
      );
    }
    made.push({ full, key, column });
    found.push([materialized ? "materialized view" : "view", full, key]);
  }
  return found;
}

function drawGuards(on: Drawing, table: DrawnTable): void {
  const { draw, name } = on;
  const { full, key, schema } = table;
  if (draw.chance(0.4)) {
    const fn = `${schema}.${name("tg")}`;
    for (const body of draw.some(
      ["begin return new; end", "begin return null; end", "begin raise notice 'x'; return new; end"],
      1,
    ))
      put(
        on,
        `function:${fn}`,
        ranks.routine,
        `create function ${fn}() returns trigger language plpgsql as $f$${body}$f$`,
        [`schema:${schema}`],
      );
    for (let at = draw.below(3); at > 0; at--) {
      const trigger = name("trg");
      for (let version = 0; version < 2; version++) {
        const column = draw.one(table.columns);
        const [head, needs] = draw.one([
          [`create trigger ${trigger} before insert or update on ${full} for each row`, []],
          [`create trigger ${trigger} after update of ${column.name} on ${full} for each row`, [column.key]],
          [`create trigger ${trigger} after delete on ${full} for each statement`, []],
          [`create constraint trigger ${trigger} after insert on ${full} deferrable for each row`, []],
          [
            `create trigger ${trigger} before update on ${full} for each row when (old.${column.name} is null)`,
            [column.key],
          ],
        ] as const);
        // An old value that is computed when read can be asked for as little as a new one.
        const isGenerated = column.types.some((type) => type.needs.includes("generated"));
        if (isGenerated && needs.length > 0) continue;
        put(on, `trigger:${trigger}`, ranks.rest, `${head} execute function ${fn}()`, [
          key,
          `function:${fn}`,
          ...needs,
        ]);
      }
      if (draw.chance(0.3))
        put(
          on,
          `firing:${trigger}`,
          ranks.rest + 1,
          `alter table ${full} ${draw.one(["disable", "enable always", "enable replica"])} trigger ${trigger}`,
          [`trigger:${trigger}`],
        );
    }
  }
  if (draw.chance(0.35)) {
    put(on, `rls:${full}`, ranks.rest, `alter table ${full} enable row level security`, [key]);
    if (draw.chance(0.3)) put(on, `force:${full}`, ranks.rest, `alter table ${full} force row level security`, [key]);
    for (let at = draw.below(3); at > 0; at--) {
      const policy = name("pol");
      for (let version = 0; version < 2; version++) {
        const column = draw.one(table.columns);
        const command = draw.one(["", " for select", " for delete", " for update"]);
        put(
          on,
          `policy:${full} ${policy}`,
          ranks.rest,
          `create policy ${policy} on ${full}${draw.one(["", " as restrictive"])}${command}${draw.one(["", " to current_user"])} using (${column.name} is ${draw.one(["", "not "])}null)`,
          [key, column.key],
        );
      }
    }
  }
  if (draw.chance(0.15)) {
    const rule = name("rule");
    const column = draw.one(table.columns);
    const events = ["on delete", "on insert"].map((event) => `create rule ${rule} as ${event} to ${full}`);
    for (const event of draw.some(events, 1))
      put(
        on,
        `rule:${full}`,
        ranks.rest,
        `${event}${draw.chance(0.5) ? "" : ` where ${event.includes("delete") ? "old" : "new"}.${column.name} is null`} do instead nothing`,
        [key, column.key],
      );
  }
}

function drawRoutines(on: Drawing, tables: readonly DrawnTable[]): void {
  const { draw, name } = on;
  for (let at = draw.below(3); at > 0; at--) {
    const schema = draw.one(on.schemas);
    const full = `${schema}.${name("r")}`;
    for (let version = 0; version < 2; version++) {
      const table = draw.one(tables);
      const column = draw.one(table.columns);
      const [sql, needs] = draw.one([
        [
          `create function ${full}() returns bigint language sql begin atomic select count(x.${column.name}) from ${table.full} x; end`,
          [column.key],
        ],
        [
          `create function ${full}() returns setof ${table.full} language sql stable rows 5 as $f$select * from ${table.full}$f$`,
          [table.key, column.key],
        ],
        [`create function ${full}(out a integer, out b text) language plpgsql as $f$begin a := 1; end$f$`, []],
        [
          `create function ${full}(x ${table.full}) returns text language plpgsql as $f$begin return 'x'; end$f$`,
          [table.key],
        ],
        [`create procedure ${full}(n integer) language plpgsql as $f$begin null; end$f$`, []],
      ] as const);
      put(on, `routine:${full}`, ranks.view, sql, [`schema:${schema}`, ...needs]);
    }
  }
}

function drawComments(on: Drawing, relations: readonly (readonly [string, string, string])[]): void {
  const { draw } = on;
  const texts = ["plain", "it's\na comment \\ with $$ all", "😀 ünï"];
  for (const [kind, full, key] of relations)
    if (draw.chance(0.4))
      for (const words of draw.some(texts, 1))
        put(on, `comment:${full}`, ranks.rest, `comment on ${kind} ${full} is ${text(words)}`, [key]);
}
