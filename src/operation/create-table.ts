/** createTable: a table with its columns, keys and checks. Foreign keys, indexes and policies are operations of their own. */
import * as v from "valibot";
import { columnsOfTable } from "../model/graph.ts";
import { tableId } from "../model/kinds.ts";
import {
  type Check,
  checkSchema,
  columnSchema,
  type PrimaryKey,
  primaryKeySchema,
  tableSchema,
  type Unique,
  uniqueSchema,
} from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { qualified } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { columnDefinition } from "./sql/column.ts";
import { commentStatements } from "./sql/comment.ts";
import { constraintClause } from "./sql/constraint.ts";

const payload = v.strictObject({
  table: tableSchema,
  columns: v.array(columnSchema),
  constraints: v.optional(v.array(v.variant("kind", [primaryKeySchema, uniqueSchema, checkSchema]))),
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
  on: ["create table"],
  claims: (change, context) => {
    if (change.type !== "create" || change.after.kind !== "table") return undefined;
    const table = change.after;
    const constraints = context
      .childrenAfter(change.id)
      .filter((object): object is Inline => inlineKinds.has(object.kind) && !isNotValidCheck(object));
    return {
      table,
      columns: columnsOfTable(context.after, table.schema, table.name),
      ...(constraints.length > 0 ? { constraints } : {}),
    };
  },
  absorbs: (op, change) =>
    change.type === "create" &&
    "table" in change.after &&
    change.after.table === op.table.name &&
    change.after.schema === op.table.schema &&
    (change.after.kind === "column" || (inlineKinds.has(change.after.kind) && !isNotValidCheck(change.after))),
  describe: (op) => inWords(op.table.schema, op.table.name),
  emit: (op) => {
    const name = qualified(op.table.schema, op.table.name);
    const parts = [...op.columns.map(columnDefinition), ...(op.constraints ?? []).map(constraintClause)];
    const body = parts.length > 0 ? `(\n  ${parts.join(",\n  ")}\n)` : "()";
    return [
      together(
        statement(`create ${op.table.unlogged ? "unlogged " : ""}table ${name} ${body}`),
        ...[op.table, ...op.columns, ...(op.constraints ?? [])].flatMap(commentStatements),
      ),
    ];
  },
  invert: (op) => ({
    reversible: true,
    operations: [operation("dropTable", { schema: op.table.schema, name: op.table.name })],
    loses: "the rows it holds by then",
  }),
  predict: (op) => [
    { put: op.table },
    ...op.columns.map((column, index) => ({ put: { ...column, position: index + 1 } })),
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
      name: "unlogged and without columns",
      before: "",
      op: { table: { kind: "table", schema: "public", name: "marker", unlogged: true }, columns: [] },
      after: "create unlogged table marker ()",
    },
  ],
});

function isNotValidCheck(object: { readonly kind: string }): boolean {
  return object.kind === "check" && (object as Check).notValid === true;
}

/** The id of the table an operation makes; what later operations of the same migration ask about. */
export function createdTable(op: CreateTable): string {
  return tableId(op.table.schema, op.table.name);
}
