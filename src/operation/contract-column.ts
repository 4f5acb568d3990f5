/**
 * contractColumn: ends what expandColumn began, in one short transaction: both columns stop following each other, the new one
 * takes the place of the old one, and what hung on the old one goes. The old column itself is dropped by an operation of its own.
 */
import * as v from "valibot";
import { editGraph, type GraphEdit, getObject, type SchemaGraph } from "../model/graph.ts";
import { columnId, makeId, objectId, withoutDefault } from "../model/kinds.ts";
import {
  type Check,
  checkSchema,
  columnSchema,
  type ForeignKey,
  foreignKeySchema,
  type Index,
  indexSchema,
  limits,
  type Unique,
  uniqueSchema,
} from "../model/object.ts";
import { renameEdits } from "../model/rename.ts";
import { finding } from "../risk/levels.ts";
import { type Probe, probeLimit } from "../risk/probe.ts";
import { asInput } from "../sql/expression.ts";
import { qualified, quoteIdent, serverMadeName } from "../sql/identifier.ts";
import { type Statement, statement, together } from "../sql/statement.ts";
import { defineOperation, type EmitContext, operation } from "./define.ts";
import { columnInWords, inWords, tableIdOf, withMembers } from "./place.ts";
import { dropConstraint } from "./sql/add-key.ts";
import { dropIndexPlainly, renameIndex } from "./sql/build-index.ts";
import { dropStaged } from "./sql/staged-constraint.ts";
import { stopSegment } from "./sql/sync.ts";

const { name } = columnSchema.entries;
const part = v.variant("kind", [indexSchema, uniqueSchema, checkSchema, foreignKeySchema]);

/** What can hang on a column and be made again on another one while both are in use. */
export type Part = Index | Unique | Check | ForeignKey;

const payload = v.strictObject({
  /** the new column as it is in the end, with its last name and its default */
  column: columnSchema,
  /** the name it has had so far */
  from: name,
  /** the old column, and the name it gets where the new one takes its name */
  old: v.strictObject({ name, to: v.optional(name) }),
  /** what hangs on the old column: it goes */
  drops: v.pipe(v.array(part), v.maxLength(limits.listLength)),
  /** foreign keys of the old column whose names are wanted: NULL satisfies them, so they may go later, by themselves */
  parks: v.pipe(v.array(v.strictObject({ foreignKey: foreignKeySchema, to: name })), v.maxLength(limits.listLength)),
  /** what hangs on the new one: the name it has had so far, and how it is in the end */
  keeps: v.pipe(v.array(v.strictObject({ from: name, part })), v.maxLength(limits.listLength)),
});

type ContractColumn = v.InferOutput<typeof payload>;

export const contractColumn = defineOperation<"contractColumn", ContractColumn>({
  kind: "contractColumn",
  family: "recovery & advanced",
  product: false,
  summary: "let the new column take the place of the old one",
  base: "high",
  reasons: ["rename_column"],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) => `${columnInWords({ ...op.column, name: op.old.name })} to ${quoteIdent(op.from)}`,
  emit: (op, context) => [together(...statementsOf(op, context))],
  invert: (op) => ({
    reversible: false,
    why: `what was written since is in ${quoteIdent(op.column.name)} only, and nothing keeps the old column in step any more`,
  }),
  sideBySide: ({ column, from }) => ({ ends: objectId({ ...column, name: from }) }),
  predict: editsOf,
  risks: (op) => [
    finding(
      "high",
      "rename_column",
      op.old.to === undefined
        ? `versions of an application that say ${inWords(op.column.schema, op.column.table, op.old.name)} fail from then on: apply it when none of them runs any more`
        : `${inWords(op.column.schema, op.column.table, op.old.name)} is ${op.column.type} from then on, and versions of an application that say ${quoteIdent(op.from)} fail`,
    ),
    finding(
      "medium",
      undefined,
      "what is written from then on is not in the old column: what it held is lost once it is dropped, and this is not undone",
    ),
  ],
  probes: (op) => [unfilledProbe(op)],
  examples: [
    {
      name: "after a rename",
      before: "create table users (id int primary key, mail text not null default 'none', email text not null)",
      op: {
        column: {
          kind: "column",
          schema: "public",
          table: "users",
          name: "email",
          type: "text",
          notNull: true,
          default: "'none'::text",
        },
        from: "email",
        old: { name: "mail" },
        drops: [],
        parks: [],
        keeps: [],
      },
      after: "create table users (id int primary key, mail text, email text not null default 'none')",
      notFromDiff: true,
    },
    {
      name: "after a change of type, with an index, a check and a foreign key",
      before: `create table users (id bigint primary key);
        create table orders (id int primary key, buyer int constraint by references users constraint positive check (buyer > 0) default 1,
          buyer_zanith_new bigint constraint by_zanith_new references users constraint positive_zanith_new check (buyer_zanith_new > 0));
        create index orders_buyer on orders (buyer); create index orders_buyer_zanith_new on orders (buyer_zanith_new)`,
      op: {
        column: { kind: "column", schema: "public", table: "orders", name: "buyer", type: "bigint", default: "1" },
        from: "buyer_zanith_new",
        old: { name: "buyer", to: "buyer_zanith_old" },
        drops: [
          {
            kind: "check",
            schema: "public",
            table: "orders",
            name: "positive",
            expression: "((buyer > 0))",
            dependsOn: ["column:public.orders.buyer"],
          },
          {
            kind: "index",
            schema: "public",
            table: "orders",
            name: "orders_buyer",
            definition: "btree (buyer)",
            columns: ["buyer"],
          },
        ],
        parks: [
          {
            foreignKey: {
              kind: "foreignKey",
              schema: "public",
              table: "orders",
              name: "by",
              columns: ["buyer"],
              references: { schema: "public", table: "users", columns: ["id"] },
            },
            to: "by_zanith_old",
          },
        ],
        keeps: [
          {
            from: "by_zanith_new",
            part: {
              kind: "foreignKey",
              schema: "public",
              table: "orders",
              name: "by",
              columns: ["buyer"],
              references: { schema: "public", table: "users", columns: ["id"] },
            },
          },
          {
            from: "positive_zanith_new",
            part: {
              kind: "check",
              schema: "public",
              table: "orders",
              name: "positive",
              expression: "((buyer > 0))",
              dependsOn: ["column:public.orders.buyer"],
            },
          },
          {
            from: "orders_buyer_zanith_new",
            part: {
              kind: "index",
              schema: "public",
              table: "orders",
              name: "orders_buyer",
              definition: "btree (buyer)",
              columns: ["buyer"],
            },
          },
        ],
      },
      after: `create table users (id bigint primary key);
        create table orders (id int primary key, buyer_zanith_old int constraint by_zanith_old references users,
          buyer bigint constraint by references users constraint positive check (buyer > 0) default 1);
        create index orders_buyer on orders (buyer)`,
      notFromDiff: true,
    },
    {
      name: "with a unique constraint, NOT NULL and quoted names",
      before: `create schema "App"; create table "App"."User" ("Code" text not null constraint "One" unique,
        "New code" varchar(9) not null constraint "One_zanith_new" unique)`,
      op: {
        column: {
          kind: "column",
          schema: "App",
          table: "User",
          name: "Code",
          type: "character varying(9)",
          notNull: true,
        },
        from: "New code",
        old: { name: "Code", to: "Old code" },
        drops: [{ kind: "unique", schema: "App", table: "User", name: "One", columns: ["Code"] }],
        parks: [],
        keeps: [
          {
            from: "One_zanith_new",
            part: { kind: "unique", schema: "App", table: "User", name: "One", columns: ["Code"] },
          },
        ],
      },
      after: `create schema "App"; create table "App"."User" ("Old code" text, "Code" varchar(9) not null constraint "One" unique)`,
      notFromDiff: true,
    },
  ],
});

/**
 * Everything in one transaction under a lock that it takes first: no moment in which neither name is there, or in which a
 * write that knows only the new column breaks a constraint of the old one. Nothing here reads or writes a row.
 */
function statementsOf(op: ContractColumn, { server }: EmitContext): Statement[] {
  const { column, from, old, drops, parks, keeps } = op;
  const { schema, table } = column;
  const on = qualified(schema, table);
  const alter = (actions: string): Statement => statement(`alter table ${on} ${actions}`, "access exclusive", [on]);
  const its = (of: string): string => `alter column ${quoteIdent(of)}`;
  const foreignKeys = drops.filter((one) => one.kind === "foreignKey");
  const others = drops.filter((one) => one.kind !== "foreignKey");
  return [
    // Referenced tables before this one: who deletes their rows takes the locks in that order.
    ...foreignKeys.flatMap((key) => dropStaged(key)),
    statement(`lock table only ${on} in access exclusive mode`, "access exclusive", [on]),
    ...stopSegment(column, [from]).statements,
    ...others.map((one) => (one.kind === "index" ? dropIndexPlainly(one) : dropConstraint(one))),
    alter(`${its(old.name)} drop not null, ${its(old.name)} drop default`),
    ...(old.to === undefined ? [] : [alter(`rename column ${quoteIdent(old.name)} to ${quoteIdent(old.to)}`)]),
    ...(column.name === from ? [] : [alter(`rename column ${quoteIdent(from)} to ${quoteIdent(column.name)}`)]),
    // Since 18 NOT NULL is a constraint with a name, which stays what it was made with.
    ...(column.name === from || !column.notNull || server < 180000
      ? []
      : [alter(`rename constraint ${notNullName(table, from)} to ${notNullName(table, column.name)}`)]),
    ...(column.default === undefined ? [] : [alter(`${its(column.name)} set default ${asInput(column.default)}`)]),
    ...parks.map(({ foreignKey, to }) =>
      alter(`rename constraint ${quoteIdent(foreignKey.name)} to ${quoteIdent(to)}`),
    ),
    ...keeps.flatMap(({ from: name, part: kept }) => {
      if (name === kept.name) return [];
      // The index of a key has its name, and renaming it renames the key.
      if (kept.kind === "index" || kept.kind === "unique") return [renameIndex(schema, name, kept.name)];
      return [alter(`rename constraint ${quoteIdent(name)} to ${quoteIdent(kept.name)}`)];
    }),
  ];
}

function notNullName(table: string, column: string): string {
  return quoteIdent(serverMadeName(table, column, "not_null"));
}

function editsOf(op: ContractColumn, graph: SchemaGraph): readonly GraphEdit[] {
  const { column, from, old, drops, parks, keeps } = op;
  const { schema, table } = column;
  const [oldId, newId] = [columnId(schema, table, old.name), columnId(schema, table, from)];
  const [before, made] = [getObject(graph, "column", oldId), getObject(graph, "column", newId)];
  if (before === undefined || made === undefined) return [];
  const { dependsOn = [], ...bare } = withMembers(withoutDefault(before), { notNull: undefined });
  const cleared: GraphEdit[] = [
    ...drops.map((one) => ({ drop: objectId(one) })),
    { put: dependsOn.length === 0 ? bare : { ...bare, dependsOn } },
    ...parks.map(({ foreignKey, to }) => ({ put: { ...foreignKey, name: to }, at: objectId(foreignKey) })),
  ];
  const aside =
    old.to === undefined
      ? []
      : renameEdits(editGraph(graph, cleared), { of: "column", schema, table, from: old.name, to: old.to });
  return [
    ...cleared,
    ...aside,
    { put: withMembers(column, { position: made.position }), at: newId },
    ...keeps.map(({ from: name, part: kept }) => ({
      put: kept,
      at: kept.kind === "index" ? makeId("index", schema, name) : makeId(kept.kind, schema, table, name),
    })),
  ];
}

/** Rows that the new column lacks a value for: written past the trigger, or the expansion is not through. */
function unfilledProbe({ column, from, old }: ContractColumn): Probe {
  const on = qualified(column.schema, column.table);
  const [was, now] = [`r.${quoteIdent(old.name)}`, `r.${quoteIdent(from)}`];
  return {
    name: "nulls",
    question: `rows of ${inWords(column.schema, column.table)} where ${quoteIdent(from)} is null and ${quoteIdent(old.name)} is not`,
    sql: `select r.ctid::pg_catalog.text as ctid, ${was}::pg_catalog.text as ${quoteIdent(old.name)} from ${on} as r where ${now} is null and ${was} is not null limit ${probeLimit}`,
    requires: [
      tableIdOf(column),
      columnId(column.schema, column.table, from),
      columnId(column.schema, column.table, old.name),
    ],
    advice: `they were written past the trigger: update ${on} set ${quoteIdent(from)} = … where ${quoteIdent(from)} is null`,
  };
}

/** The operation that lets the new column, now called `from`, take the place of the old one. */
export function contractColumnOperation(members: ContractColumn) {
  return operation("contractColumn", members);
}
