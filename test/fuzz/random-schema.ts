/** Schemas made at random: how one is drawn, a handful of objects of each kind. */
import type {
  RandomColumn,
  RandomFunction,
  RandomSchema,
  RandomSequence,
  RandomTable,
  RandomType,
  RandomView,
} from "./schema-shape.ts";

/** Draws from a source of numbers from 0 to below 1. */
export interface Draw {
  readonly below: (limit: number) => number;
  readonly chance: (share: number) => boolean;
  readonly one: <T>(items: readonly T[]) => T;
  /** a name that was not drawn before */
  readonly name: (stem: string) => string;
}

const trickyNames = [
  "Order",
  "select",
  "naïve",
  "with space",
  'quo"te',
  "a.b",
  "日本語",
  "semi;colon",
  "it's",
  "user",
  "UPPER",
  "$1",
  "x".repeat(60),
  "é".repeat(30),
];

/** Draws by a source of random numbers. */
export function drawing(random: () => number): Draw {
  let count = 0;
  const below = (limit: number): number => Math.floor(random() * limit);
  const one = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  return {
    below,
    one,
    chance: (share) => random() < share,
    name(stem) {
      count++;
      return random() < 0.25 ? `${one(trickyNames)}${count}` : `${stem}_${count}`;
    },
  };
}

/** Types that every version has, with a default of each. */
export const plainTypes: Readonly<Record<string, string>> = {
  integer: "7",
  bigint: "-1",
  smallint: "3",
  text: "'it''s'",
  "character varying(20)": "'v'",
  "character varying(40)": "''",
  "character(3)": "'abc'",
  "numeric(10,2)": "1.50",
  "numeric(12,4)": "0",
  boolean: "true",
  date: "'2024-02-29'",
  "timestamp with time zone": "now()",
  "timestamp(3) without time zone": "'2024-02-29 12:00:00'",
  interval: "'1 day'",
  uuid: "gen_random_uuid()",
  jsonb: "'{}'",
  bytea: "'\\x00ff'",
  inet: "'10.0.0.1'",
  "integer[]": "'{1,2}'",
  "text[]": "array['a', 'b']",
  "double precision": "0.5",
  int4range: "'[1,2)'",
  "bit(4)": "b'1010'",
};

/** Types whose values change into each other without a word from a person. */
export const relatedTypes: readonly (readonly string[])[] = [
  ["smallint", "integer", "bigint"],
  ["text", "character varying(20)", "character varying(40)"],
  ["numeric(10,2)", "numeric(12,4)"],
  ["integer[]", "text[]"],
];

/** A schema of a handful of objects of each kind. */
export function randomSchema(draw: Draw): RandomSchema {
  const schema: RandomSchema = {
    schemas: ["public", draw.name("app")],
    types: [],
    sequences: [],
    functions: [],
    tables: [],
    views: [],
  };
  for (let at = draw.below(4); at > 0; at--) schema.types.push(randomType(draw, schema));
  for (let at = draw.below(2); at > 0; at--) schema.sequences.push(randomSequence(draw, schema));
  for (let at = draw.below(3); at > 0; at--) schema.functions.push(randomFunction(draw, schema));
  for (let at = 2 + draw.below(4); at > 0; at--) schema.tables.push(randomTable(draw, schema));
  for (const table of schema.tables) {
    for (let at = draw.below(3); at > 0; at--) addForeignKey(draw, schema, table);
  }
  for (let at = draw.below(4); at > 0; at--) schema.views.push(randomView(draw, schema));
  return schema;
}

const comment = (draw: Draw): string | undefined =>
  draw.chance(0.2) ? draw.one(["it's", "zwei\nZeilen", "; --"]) : undefined;

export function randomType(draw: Draw, { schemas }: RandomSchema): RandomType {
  const kind = draw.one(["enum", "domain", "composite"] as const);
  const members =
    kind === "enum"
      ? ["a", "B b", "c'"].map((label) => `${label}${draw.below(9)}`)
      : kind === "composite"
        ? ["integer", "text"]
        : [];
  return {
    kind,
    schema: draw.one(schemas),
    name: draw.name(kind),
    members,
    limit: draw.below(100),
    comment: comment(draw),
  };
}

export function randomSequence(draw: Draw, { schemas }: RandomSchema): RandomSequence {
  return {
    kind: "sequence",
    schema: draw.one(schemas),
    name: draw.name("seq"),
    increment: 1 + draw.below(5),
    maximum: draw.chance(0.5) ? 1000 : undefined,
    cycle: draw.chance(0.3),
  };
}

export function randomFunction(draw: Draw, { schemas }: RandomSchema): RandomFunction {
  return {
    kind: "function",
    schema: draw.one(schemas),
    name: draw.name("fn"),
    factor: draw.below(10),
    volatility: draw.one(["immutable", "stable"]),
    strict: draw.chance(0.3),
    comment: comment(draw),
  };
}

/** A type name as it is printed, or `type:<index of name>` for one of the schema's own. */
export function randomColumn(draw: Draw, schema: RandomSchema, hasRows: boolean): RandomColumn {
  const own = draw.chance(0.25) && schema.types.length > 0;
  const type = own ? `type:${draw.one(schema.types).name}` : draw.one(Object.keys(plainTypes));
  const hasDefault = draw.chance(0.4);
  return {
    name: draw.name("col"),
    type,
    notNull: !hasRows && draw.chance(0.4),
    default: hasDefault ? "plain" : draw.chance(0.1) ? "sequence" : draw.chance(0.1) ? "function" : undefined,
    generated: undefined,
    identity: undefined,
    comment: comment(draw),
    storage: draw.chance(0.1) ? draw.one(["external", "main"]) : undefined,
  };
}

export function randomTable(draw: Draw, schema: RandomSchema): RandomTable {
  const hasRows = draw.chance(0.4);
  const isDivided = !hasRows && draw.chance(0.15);
  const key: RandomColumn = {
    name: "id",
    type: "bigint",
    notNull: true,
    default: undefined,
    generated: undefined,
    identity: !isDivided && draw.chance(0.3) ? draw.one(["always", "by default"]) : undefined,
    comment: undefined,
    storage: undefined,
  };
  const columns = [key];
  for (let at = 1 + draw.below(5); at > 0; at--) columns.push(randomColumn(draw, schema, hasRows));
  if (!isDivided && draw.chance(0.15)) {
    const name = draw.name("gen");
    columns.push({ ...key, name, notNull: false, identity: undefined, generated: `* ${1 + draw.below(3)}` });
  }
  const table: RandomTable = {
    kind: "table",
    schema: draw.one(schema.schemas),
    name: draw.name("table"),
    columns,
    hasKey: isDivided || draw.chance(0.8),
    uniques: [],
    checks: [],
    foreignKeys: [],
    indexes: [],
    triggers: [],
    policies: [],
    rowSecurity: draw.chance(0.2),
    unlogged: false,
    fillfactor: !isDivided && draw.chance(0.2) ? 70 + draw.below(20) : undefined,
    comment: comment(draw),
    partitions: isDivided ? [100, 200] : [],
    isDivided,
    hasRows,
  };
  for (const add of [addUnique, addCheck, addIndex, addIndex, addTrigger, addPolicy]) {
    if (draw.chance(0.5)) add(draw, schema, table);
  }
  return table;
}

const someColumns = (draw: Draw, table: RandomTable): string[] => [
  ...new Set([draw.one(table.columns).name, ...(draw.chance(0.5) ? [draw.one(table.columns).name] : [])]),
];

export function addUnique(draw: Draw, _: RandomSchema, table: RandomTable): void {
  if (!table.hasRows) table.uniques.push({ name: draw.name("uq"), columns: someColumns(draw, table) });
}

export function addCheck(draw: Draw, _: RandomSchema, table: RandomTable): void {
  table.checks.push({ name: draw.name("ck"), column: draw.one(table.columns).name, form: draw.below(3) });
}

export function addIndex(draw: Draw, _: RandomSchema, table: RandomTable): void {
  table.indexes.push({
    name: draw.name("ix"),
    columns: someColumns(draw, table),
    unique: !table.hasRows && !table.isDivided && draw.chance(0.2),
    descending: draw.chance(0.3),
    partial: draw.chance(0.2),
    expression: draw.chance(0.2),
    method: draw.chance(0.1) ? "hash" : "btree",
  });
}

export function addTrigger(draw: Draw, _: RandomSchema, table: RandomTable): void {
  table.triggers.push({
    name: draw.name("tg"),
    event: draw.one(["insert", "update", "insert or delete"]),
    timing: draw.one(["before", "after"]),
    state: draw.one(["enable", "enable", "disable", "enable always"]),
  });
}

export function addPolicy(draw: Draw, _: RandomSchema, table: RandomTable): void {
  table.policies.push({
    name: draw.name("po"),
    command: draw.one(["all", "select", "insert", "update", "delete"]),
    permissive: draw.chance(0.7),
    value: draw.below(100),
  });
}

/** A foreign key to any table, itself too, through a column of its own. */
export function addForeignKey(draw: Draw, schema: RandomSchema, table: RandomTable): void {
  const column: RandomColumn = { ...randomColumn(draw, schema, true), type: "bigint", default: undefined };
  table.columns.push(column);
  table.foreignKeys.push({
    name: draw.name("fk"),
    column: column.name,
    target: draw.one(schema.tables).name,
    onDelete: draw.one(["no action", "cascade", "set null", "restrict"]),
    deferrable: draw.chance(0.2),
  });
}

export function randomView(draw: Draw, schema: RandomSchema): RandomView {
  const of = draw.one([...schema.tables, ...schema.views]);
  return {
    kind: "view",
    schema: draw.one(schema.schemas),
    name: draw.name("view"),
    of: of.name,
    columns:
      of.kind === "view" ? of.columns.slice(0, 2) : of.columns.filter(() => draw.chance(0.7)).map(({ name }) => name),
    materialized: draw.chance(0.2),
    barrier: draw.chance(0.2),
    minimum: draw.below(100),
    comment: comment(draw),
  };
}
