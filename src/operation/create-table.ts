/** createTable: a table with its columns, keys and checks. Foreign keys, indexes and policies are operations of their own. */
import * as v from "valibot";
import { columnsOfTable, getObject, objectsOfKind, type SchemaGraph } from "../model/graph.ts";
import { partOf } from "../model/inheritance.ts";
import { columnId, makeId, type ObjectId, tableId } from "../model/kinds.ts";
import {
  type Check,
  type Column,
  checkSchema,
  columnSchema,
  type PrimaryKey,
  primaryKeySchema,
  tableSchema,
  type Unique,
  uniqueSchema,
} from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { asInput } from "../sql/expression.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { type Statement, statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { onTablePlace } from "./part.ts";
import { inWords, withMembers } from "./place.ts";
import { columnDefinition } from "./sql/column.ts";
import { commentStatements } from "./sql/comment.ts";
import { constraintBody, constraintClause } from "./sql/constraint.ts";
import { columnStorageStatements, tableOptionList } from "./sql/storage.ts";

const payload = v.strictObject({
  table: tableSchema,
  columns: v.array(columnSchema),
  constraints: v.optional(v.array(v.variant("kind", [primaryKeySchema, uniqueSchema, checkSchema]))),
  /** the table it becomes a partition of, where its NOT NULL constraints are named like those made there: made there first */
  joins: v.optional(v.strictObject(onTablePlace)),
});

type CreateTable = v.InferOutput<typeof payload>;
type Inline = PrimaryKey | Unique | Check;

const inlineKinds = new Set(["primaryKey", "unique", "check"]);

export const createTable = defineOperation<"createTable", CreateTable>({
  kind: "createTable",
  family: "create",
  product: true,
  summary: "make a table with its columns, keys and checks",
  base: "safe",
  reasons: [],
  payload,
  shares: true,
  on: ["create table"],
  claims: (change, context) => {
    if (change.type !== "create" || change.after.kind !== "table") return undefined;
    const { partitionOf: _, ...table } = { partitionOf: undefined, ...change.after };
    const columns = columnsOfTable(context.after, table.schema, table.name);
    const parent = getObject(context.after, "table", change.id)?.partitionOf;
    const named = columns.some(({ notNullName }) => notNullName !== undefined);
    const constraints = context
      .childrenAfter(change.id)
      .filter((object): object is Inline => inlineKinds.has(object.kind) && !isNotValidCheck(object))
      .map((object) => withoutParent(object));
    return {
      table,
      columns,
      ...(constraints.length > 0 ? { constraints } : {}),
      ...(parent && named ? { joins: { schema: parent.schema, table: parent.table } } : {}),
    };
  },
  absorbs: (op, change) =>
    change.type === "create" &&
    "table" in change.after &&
    change.after.table === op.table.name &&
    change.after.schema === op.table.schema &&
    (change.after.kind === "column" ||
      (inlineKinds.has(change.after.kind) && !isNotValidCheck(change.after)) ||
      isPassedOn(change.after)),
  // What it inherits has to be there in its parents.
  follows: (op) => [
    ...(op.table.inherits ?? []).flatMap((parent) =>
      [...op.columns, ...(op.constraints ?? []).filter(isPassedOn)]
        .filter((part) => !isDeclared(part))
        .map(({ kind, name }) => makeId(kind, parent.schema, parent.table, name)),
    ),
    ...(op.joins === undefined ? [] : namedIn(op.joins, op.columns)),
  ],
  describe: (op) => inWords(op.table.schema, op.table.name),
  emit: (op) => {
    const name = qualified(op.table.schema, op.table.name);
    const declared = (op.constraints ?? []).filter(isDeclared);
    const repeated = repeatedKeys(declared);
    const parts = [
      ...op.columns.filter(isDeclared).map(columnDefinition),
      ...declared.filter((constraint) => !repeated.includes(constraint)).map(constraintClause),
    ];
    const body = parts.length > 0 ? `(\n  ${parts.join(",\n  ")}\n)` : "()";
    const parents = (op.table.inherits ?? []).map((parent) => qualified(parent.schema, parent.table));
    const inherits = parents.length > 0 ? ` inherits (${parents.join(", ")})` : "";
    const partitions = op.table.partitionBy === undefined ? "" : ` partition by ${op.table.partitionBy}`;
    const options = tableOptionList(op.table);
    const tail = `${inherits}${partitions}${options.length > 0 ? ` with (${options.join(", ")})` : ""}`;
    const place = op.table.tablespace === undefined ? "" : ` tablespace ${quoteIdent(op.table.tablespace)}`;
    const create = `create ${op.table.unlogged ? "unlogged " : ""}table ${name} ${body}${tail}${place}`;
    return [
      together(
        statement(create, parents.length > 0 ? "share update exclusive" : "none", parents),
        ...op.columns.filter((column) => column.inherited && column.default !== undefined).map(defaultStatement),
        ...repeated.map((key) =>
          statement(`alter table ${name} add ${constraintClause(key)}`, "access exclusive", [name]),
        ),
        ...columnStorageStatements(op.columns),
        ...[op.table, ...op.columns, ...(op.constraints ?? [])].flatMap(commentStatements),
      ),
    ];
  },
  invert: (op) => ({
    reversible: true,
    operations: [operation("dropTable", { schema: op.table.schema, name: op.table.name })],
    loses: "the rows it holds by then",
  }),
  predict: (op, graph) => [
    { put: op.table },
    ...op.columns.map((column, index) => ({ put: { ...column, position: index + 1 } })),
    ...checksFromParents(op, graph).map((check) => ({ put: check })),
    ...(op.constraints ?? []).map((constraint) => ({ put: constraint })),
  ],
  risks: () => [finding("safe", undefined, "nothing uses a table that does not exist yet")],
  examples: [
    {
      name: "columns, key and default",
      before: "",
      op: {
        table: { kind: "table", schema: "public", name: "users" },
        columns: [
          {
            kind: "column",
            schema: "public",
            table: "users",
            name: "id",
            position: 1,
            type: "bigint",
            notNull: true,
            identity: { generation: "always" },
          },
          { kind: "column", schema: "public", table: "users", name: "email", position: 2, type: "text", notNull: true },
          {
            kind: "column",
            schema: "public",
            table: "users",
            name: "credit",
            position: 3,
            type: "numeric(12,2)",
            default: "0",
          },
        ],
        constraints: [
          { kind: "primaryKey", schema: "public", table: "users", name: "users_pkey", columns: ["id"] },
          { kind: "unique", schema: "public", table: "users", name: "users_email_key", columns: ["email"] },
        ],
      },
      after:
        "create table users (id bigint generated always as identity primary key, email text not null unique, credit numeric(12,2) default 0)",
    },
    {
      name: "composite key, check and comments",
      before: "",
      op: {
        table: { kind: "table", schema: "public", name: "Order Lines", comment: "what was bought" },
        columns: [
          {
            kind: "column",
            schema: "public",
            table: "Order Lines",
            name: "order",
            position: 1,
            type: "integer",
            notNull: true,
          },
          {
            kind: "column",
            schema: "public",
            table: "Order Lines",
            name: "line",
            position: 2,
            type: "integer",
            notNull: true,
          },
          {
            kind: "column",
            schema: "public",
            table: "Order Lines",
            name: "qty",
            position: 3,
            type: "integer",
            comment: "pieces",
          },
        ],
        constraints: [
          {
            kind: "check",
            schema: "public",
            table: "Order Lines",
            name: "qty_positive",
            expression: "((qty > 0))",
            dependsOn: ['column:public."Order Lines".qty'],
          },
          { kind: "primaryKey", schema: "public", table: "Order Lines", name: "lines_pk", columns: ["order", "line"] },
        ],
      },
      after: `create table "Order Lines" ("order" int, line int, qty int constraint qty_positive check (qty > 0), constraint lines_pk primary key ("order", line));
        comment on table "Order Lines" is 'what was bought'; comment on column "Order Lines".qty is 'pieces'`,
    },
    {
      name: "divided by range, its key with it",
      before: "",
      op: {
        table: { kind: "table", schema: "public", name: "events", partitionBy: "RANGE (at, lower(what))" },
        columns: [
          { kind: "column", schema: "public", table: "events", name: "at", position: 1, type: "date", notNull: true },
          { kind: "column", schema: "public", table: "events", name: "what", position: 2, type: "text" },
        ],
        constraints: [
          {
            kind: "check",
            schema: "public",
            table: "events",
            name: "said",
            expression: "((what <> ''::text))",
            dependsOn: ["column:public.events.what"],
          },
        ],
      },
      after:
        "create table events (at date not null, what text constraint said check (what <> '')) partition by range (at, lower(what))",
    },
    {
      name: "inheriting from another, with a default of its own",
      before: "create table base (id int default 1, n int)",
      op: {
        table: { kind: "table", schema: "public", name: "part", inherits: [{ schema: "public", table: "base" }] },
        columns: [
          {
            kind: "column",
            schema: "public",
            table: "part",
            name: "id",
            position: 1,
            type: "integer",
            inherited: true,
            default: "2",
          },
          { kind: "column", schema: "public", table: "part", name: "n", position: 2, type: "integer", inherited: true },
          { kind: "column", schema: "public", table: "part", name: "more", position: 3, type: "text" },
        ],
      },
      after:
        "create table base (id int default 1, n int); create table part (more text) inherits (base); alter table part alter column id set default 2",
    },
    {
      name: "storage parameters, and columns that are stored and analysed in their own way",
      before: "",
      op: {
        table: {
          kind: "table",
          schema: "public",
          name: "docs",
          options: ["fillfactor=70"],
          toastOptions: ["autovacuum_enabled=off"],
        },
        columns: [
          {
            kind: "column",
            schema: "public",
            table: "docs",
            name: "body",
            position: 1,
            type: "text",
            storage: "external",
            compression: "pglz",
            statistics: 10,
            options: ["n_distinct=-1"],
          },
        ],
      },
      after: `create table docs (body text compression pglz) with (fillfactor = 70, toast.autovacuum_enabled = off);
        alter table docs alter body set storage external, alter body set statistics 10, alter body set (n_distinct = -1)`,
    },
    {
      name: "unlogged and without columns",
      before: "",
      op: { table: { kind: "table", schema: "public", name: "marker", unlogged: true }, columns: [] },
      after: "create unlogged table marker ()",
    },
  ],
});

/** What comes from a parent is not written down again: it would count as declared here as well. */
function isDeclared(part: Column | Inline): boolean {
  return !("inherited" in part) || part.inherited !== true;
}

/** Keys that say the same as one before them: CREATE TABLE leaves those out in silence (14 to 18), ALTER TABLE does not. */
function repeatedKeys(constraints: readonly Inline[]): Inline[] {
  const said = new Set<string>();
  return constraints.filter((constraint) => {
    if (constraint.kind === "check") return false;
    const body = constraintBody(constraint).replace(/^(primary key|unique) /, "");
    if (said.has(body)) return true;
    said.add(body);
    return false;
  });
}

/** An inherited column's default may be another than the parent's. */
function defaultStatement(column: Column): Statement {
  const name = qualified(column.schema, column.table);
  const sql = `alter table ${name} alter column ${quoteIdent(column.name)} set default ${asInput(column.default ?? "null")}`;
  return statement(sql, "access exclusive", [name]);
}

/** A key as it is before it is attached to its parent's. */
function withoutParent(part: Inline): Inline {
  return part.kind === "check" ? part : withMembers(part, { attachedTo: undefined });
}

function isNotValidCheck(object: { readonly kind: string }): boolean {
  return object.kind === "check" && (object as Check).notValid === true;
}

/** The columns of another table that its columns' NOT NULL constraints are named after, as far as it has columns of those names. */
function namedIn({ schema, table }: NonNullable<CreateTable["joins"]>, columns: readonly Column[]): ObjectId[] {
  const named = columns.filter(({ notNullName }) => notNullName !== undefined);
  return [tableId(schema, table), ...named.map(({ name }) => columnId(schema, table, name))];
}

/** Whether it comes from a parent, which has it made once the table is there. */
function isPassedOn(object: { readonly kind: string }): boolean {
  return object.kind === "check" && (object as Check).inherited === true;
}

/** The checks that its parents have by then: valid in a table without rows, even where they are not yet in the parent. */
function checksFromParents(op: CreateTable, graph: SchemaGraph): Check[] {
  return (op.table.inherits ?? []).flatMap((parent) =>
    objectsOfKind(graph, "check")
      .filter(({ schema, table, noInherit }) => schema === parent.schema && table === parent.table && !noInherit)
      .map((check) => withMembers(partOf(op.table, check) as Check, { notValid: undefined })),
  );
}

/** The id of the table an operation makes; what later operations of the same migration ask about. */
export function createdTable(op: CreateTable): string {
  return tableId(op.table.schema, op.table.name);
}
