/** setIdentity: makes a column an identity column, changes its generation or sequence, or ends its identity. */
import * as v from "valibot";
import { getObject } from "../model/graph.ts";
import { type Column, columnSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { generatedSequenceName, qualified, quoteIdent } from "../sql/identifier.ts";
import { quoteLiteral } from "../sql/literal.ts";
import { type Statement, statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import {
  alterColumn,
  type ColumnPlace,
  columnIdOf,
  columnInWords,
  columnPlace,
  dependenciesOf,
  editColumn,
  onFreshTable,
  placeOf,
  tableOf,
} from "./place.ts";
import { identityClause } from "./sql/column.ts";

const identity = columnSchema.entries.identity;

const payload = v.strictObject({
  ...columnPlace,
  /** absent: it was no identity column */
  from: identity,
  /** absent: it will be none */
  to: identity,
  /** the default it has once its identity has ended */
  default: columnSchema.entries.default,
  /** whether it becomes nullable once its identity has ended */
  nullable: v.optional(v.literal(true)),
  dependsOn: columnSchema.entries.dependsOn,
});

type SetIdentity = v.InferOutput<typeof payload>;
type Identity = NonNullable<Column["identity"]>;

export const setIdentity = defineOperation<"setIdentity", SetIdentity>({
  kind: "setIdentity",
  family: "alter",
  product: false,
  summary: "make a column an identity column, change or end that",
  base: "medium",
  baseNote: "low when only options of its sequence change",
  reasons: [],
  payload,
  on: ["alter column.identity", "alter column.default"],
  claims: (change, context) => {
    if (change.type !== "alter" || change.before.kind !== "column" || change.after.kind !== "column") return undefined;
    const { before, after, id } = change;
    if (!context.alters(id, "identity")) return undefined;
    const ends = after.identity === undefined;
    if (change.attribute === "default" && !ends) return undefined;
    // Postgres refuses another type than an integer while there is an identity: alterColumnType ends it first.
    if (ends && context.alters(id, "type")) return undefined;
    return {
      ...placeOf(after),
      ...(before.identity === undefined ? {} : { from: before.identity }),
      ...(after.identity === undefined ? {} : { to: after.identity }),
      ...(ends && after.default !== undefined ? { default: after.default } : {}),
      ...(ends && !after.notNull ? { nullable: true as const } : {}),
      ...dependenciesOf(after),
    };
  },
  absorbs: (op, change) =>
    op.to === undefined &&
    change.type === "alter" &&
    change.id === columnIdOf(op) &&
    (change.attribute === "default" || change.attribute === "identity" || change.attribute === "notNull"),
  describe: columnInWords,
  emit: (op) => [together(...statementsOf(op))],
  invert: (op, before) => {
    const column = getObject(before, "column", columnIdOf(op));
    const place = placeOf(op);
    const back = operation("setIdentity", {
      ...place,
      ...(op.to === undefined ? {} : { from: op.to }),
      ...(op.from === undefined ? {} : { to: op.from }),
      ...dependenciesOf(column),
    });
    if (op.to !== undefined)
      return { reversible: true, operations: [back], ...(op.from ? {} : { loses: "where its sequence stands" }) };
    return {
      reversible: true,
      operations: [
        ...(op.default === undefined ? [] : [operation("alterColumnDefault", { ...place, from: op.default })]),
        ...(op.nullable ? [operation("alterColumnNullable", { ...place, notNull: true })] : []),
        back,
      ],
    };
  },
  predict: (op, graph) =>
    editColumn(graph, op, {
      identity: op.to,
      dependsOn: op.dependsOn,
      ...(op.to === undefined ? { default: op.default, ...(op.nullable ? { notNull: undefined } : {}) } : {}),
    }),
  risks: (op, facts) => {
    if (onFreshTable(op, facts)) return [finding("safe", undefined, "the table is made in the same migration")];
    if (op.from === undefined) {
      const start = continues(op.to)
        ? "its sequence goes on after the largest number that is there"
        : "its sequence starts at its own first number, whatever numbers are there";
      return [finding("medium", undefined, `rows that leave the column out get a number from then on; ${start}`)];
    }
    if (op.to === undefined) {
      return [finding("medium", undefined, "rows that leave the column out no longer get a number; its sequence goes")];
    }
    if (op.to.generation === "always" && op.from.generation !== "always") {
      return [finding("medium", undefined, "writers that give a number of their own fail from then on")];
    }
    return [finding("low", undefined, "applies to numbers handed out from then on")];
  },
  examples: [
    {
      name: "add",
      before: "create table users (id bigint not null)",
      op: { schema: "public", table: "users", name: "id", to: { generation: "always" } },
      after: "create table users (id bigint generated always as identity)",
    },
    {
      name: "add with options, quoted names",
      before: 'create table "User" ("Id" int not null)',
      op: {
        schema: "public",
        table: "User",
        name: "Id",
        to: { generation: "by default", sequence: "Numbers", start: "10", increment: "10", cache: "5" },
      },
      after:
        'create table "User" ("Id" int generated by default as identity (sequence name "Numbers" start with 10 increment by 10 cache 5))',
    },
    {
      name: "change generation and options",
      before:
        "create table users (id int generated by default as identity (minvalue 5 maxvalue 500 start with 7 cache 3 cycle))",
      op: {
        schema: "public",
        table: "users",
        name: "id",
        from: { generation: "by default", min: "5", max: "500", start: "7", cache: "3", cycle: true },
        to: { generation: "always", increment: "2" },
      },
      after: "create table users (id int generated always as identity (increment by 2))",
    },
    {
      name: "rename its sequence",
      before: "create table users (id int generated always as identity (sequence name numbers))",
      op: {
        schema: "public",
        table: "users",
        name: "id",
        from: { generation: "always", sequence: "numbers" },
        to: { generation: "always" },
      },
      after: "create table users (id int generated always as identity)",
    },
    {
      name: "end",
      before: "create table users (id int generated always as identity)",
      op: { schema: "public", table: "users", name: "id", from: { generation: "always" } },
      after: "create table users (id int not null)",
    },
    {
      name: "end, with a default and nullable",
      before: "create table users (id int generated always as identity)",
      op: {
        schema: "public",
        table: "users",
        name: "id",
        from: { generation: "always" },
        default: "0",
        nullable: true,
      },
      after: "create table users (id int default 0)",
    },
  ],
});

function statementsOf(op: SetIdentity): Statement[] {
  const table = tableOf(op);
  const alter = (action: string): Statement => statement(`${alterColumn(op)} ${action}`, "access exclusive", [table]);
  const { from, to } = op;
  if (to === undefined) {
    return [
      alter("drop identity"),
      ...(op.nullable ? [alter("drop not null")] : []),
      ...(op.default === undefined ? [] : [alter(`set default ${op.default}`)]),
    ];
  }
  if (from === undefined) {
    const add = alter(`add ${identityClause({ kind: "column", ...placeOf(op), type: "", identity: to })}`);
    return continues(to) ? [add, continueNumbers(op)] : [add];
  }
  const found: Statement[] = [];
  const options = optionChanges(from, to);
  if (options.length > 0) found.push(alter(options.join(" ")));
  const oldName = sequenceName(op, from);
  const newName = sequenceName(op, to);
  if (oldName !== newName) {
    const sequence = qualified(op.schema, oldName);
    found.push(
      statement(`alter sequence ${sequence} rename to ${quoteIdent(newName)}`, "access exclusive", [sequence]),
    );
  }
  return found;
}

function sequenceName(place: ColumnPlace, options: Identity): string {
  return options.sequence ?? generatedSequenceName(place.table, place.name);
}

/** Whether a new sequence can go on after the numbers that are there: it ascends from 1. */
function continues(options: Identity | undefined): boolean {
  if (options === undefined) return false;
  return options.increment === undefined && options.start === undefined && options.min === undefined;
}

/** Sets the new sequence behind the largest number that is there; nothing happens to it when there is none above 0. */
function continueNumbers(op: SetIdentity): Statement {
  const table = tableOf(op);
  const column = quoteIdent(op.name);
  const sequence = `pg_catalog.pg_get_serial_sequence(${quoteLiteral(table)}, ${quoteLiteral(op.name)})::pg_catalog.regclass`;
  return statement(
    `select pg_catalog.setval(${sequence}, pg_catalog.max(${column})) from ${table} having pg_catalog.max(${column}) > 0`,
    "access exclusive",
    [table],
    "scan",
  );
}

/** The actions after ALTER COLUMN that turn one set of options into another; the sequence's name is not among them. */
function optionChanges(from: Identity, to: Identity): string[] {
  const actions: string[] = [];
  if (from.generation !== to.generation) actions.push(`set generated ${to.generation}`);
  if (from.increment !== to.increment) actions.push(`set increment by ${to.increment ?? "1"}`);
  if (from.min !== to.min) actions.push(to.min === undefined ? "set no minvalue" : `set minvalue ${to.min}`);
  if (from.max !== to.max) actions.push(to.max === undefined ? "set no maxvalue" : `set maxvalue ${to.max}`);
  const [oldStart, newStart] = [from.start ?? firstNumber(from), to.start ?? firstNumber(to)];
  if (oldStart !== newStart && newStart !== undefined) actions.push(`set start with ${newStart}`);
  if (from.cache !== to.cache) actions.push(`set cache ${to.cache ?? "1"}`);
  if (from.cycle !== to.cycle) actions.push(to.cycle ? "set cycle" : "set no cycle");
  return actions;
}

/** Where a sequence starts when nothing is said. */
function firstNumber(options: Identity): string {
  const descending = options.increment?.startsWith("-") === true;
  return descending ? (options.max ?? "-1") : (options.min ?? "1");
}
