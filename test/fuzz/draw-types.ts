/** Random types, sequences and functions: what tables are made with. */
import type { Draw, Item } from "./items.ts";

/** What the drawing of a schema shares. */
export interface Drawing {
  readonly draw: Draw;
  /** a quoted name that is used nowhere else */
  readonly name: (base: string) => string;
  /** quoted schema names and the facts that they need */
  readonly schemas: readonly string[];
  readonly major: number;
  /** versions of each thing, by key */
  readonly versions: Map<string, Item[]>;
}

/** A type of a column with a value of it, and the facts they need. */
export interface TypeChoice {
  readonly type: string;
  readonly values: readonly string[];
  readonly needs: readonly string[];
  /** whether it can be in a btree key */
  readonly sortable: boolean;
}

export const ranks = { schema: 0, type: 1, routine: 2, table: 3, column: 4, key: 5, foreignKey: 6, view: 7, rest: 8 };

const plainTypes: readonly TypeChoice[] = (
  [
    ["integer", ["0", "41 + 1"], true],
    ["bigint", ["0", "'9000000000'::bigint"], true],
    ["smallint", ["1"], true],
    ["text", ["''", "'it''s'", "upper('x')"], true],
    ["character varying(20)", ["'v'"], true],
    ["character varying", ["'v'"], true],
    ["character(3)", ["'abc'"], true],
    ["numeric(10,2)", ["1.50", "0"], true],
    ["numeric", ["1.5"], true],
    ["boolean", ["true", "false"], true],
    ["date", ["current_date", "'2026-01-02'"], true],
    ["timestamp with time zone", ["now()"], true],
    ["timestamp(3) without time zone", ["localtimestamp"], true],
    ["interval day to second(3)", ["'1 day'"], true],
    ["uuid", ["gen_random_uuid()"], true],
    ["jsonb", ["'{}'::jsonb"], true],
    ["json", ["'{}'"], false],
    ["bytea", ["'\\x00'"], true],
    ["integer[]", ["'{}'", "array[1, 2]"], true],
    ["text[]", ["'{a,b}'"], true],
    ["double precision", ["0.1", "'infinity'"], true],
    ["real", ["1"], true],
    ["inet", ["'10.0.0.1'"], true],
    ["bit(4)", ["B'0101'"], true],
    ["point", ["'(0,0)'"], false],
    ["int4range", ["'[1,2)'"], true],
    ["tsvector", ["''"], true],
    ["time with time zone", ["'12:00+00'"], true],
    ["xid8", [], true],
    ["money", ["0"], true],
  ] as const
).map(([type, values, sortable]) => ({ type, values, needs: [], sortable }));

/** Adds a version of an item. */
export function put(
  { versions }: Drawing,
  key: string,
  rank: number,
  sql: string,
  needs: readonly string[] = [],
  provides: readonly string[] = [],
): void {
  versions.set(key, [...(versions.get(key) ?? []), { key, rank, sql, needs, provides }]);
}

/** Draws types; the answer holds those that columns can have. */
export function drawTypes(on: Drawing): TypeChoice[] {
  const { draw, name } = on;
  const types = [...plainTypes];
  const place = (base: string): { full: string; needs: string[] } => {
    const schema = draw.one(on.schemas);
    return { full: `${schema}.${name(base)}`, needs: [`schema:${schema}`] };
  };
  for (let at = draw.below(3); at >= 0; at--) {
    const { full, needs } = place("enum");
    const key = `type:${full}`;
    const labels = ["new", "in use", "gone's", "Ünder", "last"];
    for (let version = 0; version < 3; version++) {
      const values = draw.chance(0.2) ? draw.some(labels, 1).reverse() : draw.some(labels, 1);
      const sql = `create type ${full} as enum (${values.map(text).join(", ")})`;
      put(
        on,
        key,
        ranks.type,
        sql,
        needs,
        values.map((value) => `${key} ${value}`),
      );
    }
    types.push({ type: full, values: [], needs: [key], sortable: true });
    const label = draw.one(labels);
    types.push({ type: full, values: [text(label)], needs: [key, `${key} ${label}`], sortable: true });
    types.push({ type: `${full}[]`, values: ["'{}'"], needs: [key], sortable: true });
  }
  for (let at = draw.below(3); at > 0; at--) {
    const { full, needs } = place("domain");
    const key = `type:${full}`;
    const base = draw.one(types.filter(({ sortable, type }) => sortable && !type.endsWith("]")));
    for (let version = 0; version < 3; version++) {
      const of = draw.chance(0.8) ? base : draw.one(plainTypes);
      const value = of.values[0];
      const words = [
        draw.chance(0.3) && value !== undefined ? ` default ${value}` : "",
        draw.chance(0.3) ? " not null" : "",
        draw.chance(0.5) ? ` constraint c1 check (value is not null or ${draw.below(3)} > 0)` : "",
        draw.chance(0.2) ? ` constraint "C 2" check (value::text <> 'q')` : "",
      ];
      put(on, key, ranks.type, `create domain ${full} as ${of.type}${words.join("")}`, [...needs, ...of.needs]);
    }
    types.push({ type: full, values: [], needs: [key], sortable: false });
  }
  for (let at = draw.below(2); at > 0; at--) {
    const { full, needs } = place("composite");
    const attributes = ["a", "b", "c d"].map((attribute) => `${text2(attribute)} ${draw.one(plainTypes).type}`);
    for (let version = 0; version < 2; version++) {
      put(on, `type:${full}`, ranks.type, `create type ${full} as (${draw.some(attributes, 1).join(", ")})`, needs);
    }
    types.push({ type: full, values: [], needs: [`type:${full}`], sortable: false });
  }
  if (draw.chance(0.2)) {
    const { full, needs } = place("range");
    for (const subtype of ["double precision", "text"])
      put(on, `type:${full}`, ranks.type, `create type ${full} as range (subtype = ${subtype})`, needs);
    types.push({ type: full, values: [], needs: [`type:${full}`], sortable: false });
  }
  for (let at = draw.below(3); at > 0; at--) {
    const { full, needs } = place("seq");
    for (let version = 0; version < 2; version++) {
      const options = draw.some([" increment 5", " maxvalue 10000", " cache 3", " cycle"], 0).join("");
      put(
        on,
        `sequence:${full}`,
        ranks.type,
        `create sequence ${full} as ${draw.one(["integer", "bigint"])}${options}`,
        needs,
      );
    }
    const value = `nextval('${full.replaceAll("'", "''")}'::regclass)`;
    types.push({ type: "bigint", values: [value], needs: [`sequence:${full}`], sortable: true });
  }
  for (let at = draw.below(3); at > 0; at--) {
    const { full, needs } = place("fn");
    for (let version = 0; version < 3; version++) {
      const [body, language] = draw.one([
        ["select $1 + 1", "sql"],
        ["select $1 * 2", "sql"],
        ["begin return $1; end", "plpgsql"],
      ] as const);
      const words = draw.some(
        [" immutable", " strict", " parallel safe", " cost 7", " security definer", " set work_mem = '8MB'"],
        0,
      );
      const parameter = draw.one(["n integer", "n integer", "m integer", "n integer default 4"]);
      put(
        on,
        `function:${full}`,
        ranks.routine,
        `create function ${full}(${parameter}) returns ${draw.chance(0.8) ? "integer" : "bigint"} language ${language}${words.join("")} as $f$${body}$f$`,
        needs,
        words.includes(" immutable") ? [`function:${full} immutable`] : [],
      );
    }
    types.push({ type: "integer", values: [`${full}(3)`], needs: [`function:${full}`], sortable: true });
  }
  return types;
}

/** A text literal. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function text2(value: string): string {
  return `"${value}"`;
}
