/**
 * A migration of twelve steps that between them hold every sort of segment: a transaction, several, CONCURRENTLY to make and
 * to drop, batches with and without a trigger, and what may be done only once. With the rows it is applied to.
 */
import { type Operation, operation } from "../../src/operation/define.ts";

/** What there is before; keys are the same in every copy. */
export function twelveStepsBefore(rows: number): string {
  return `
create type state as enum ('new', 'paid');
create table customers (id int primary key, full_name text not null, email text not null);
create table orders (id uuid primary key, customer int not null, state state not null default 'new', amount int not null,
  total numeric, code varchar(20), touched int not null default 0);
create index orders_code on orders (code);
create table log (note text);
insert into customers select n, 'First' || n || ' Last' || n, 'c' || n || '@example.org' from generate_series(1, ${Math.ceil(rows / 4)}) n;
insert into orders (id, customer, amount, code)
  select md5(n::text)::uuid, 1 + n % ${Math.ceil(rows / 4)}, n, 'code' || n from generate_series(1, ${rows}) n;`;
}

const schema = "public";

/** The twelve, in order. */
export const twelveSteps: readonly Operation[] = [
  operation("addColumn", {
    column: {
      kind: "column",
      schema,
      table: "orders",
      name: "currency",
      position: 8,
      type: "text",
      notNull: true,
      default: "'EUR'::text",
    },
  }),
  operation("addIndex", {
    index: {
      kind: "index",
      schema,
      table: "orders",
      name: "orders_customer",
      definition: "btree (customer)",
      columns: ["customer"],
    },
  }),
  operation("addUnique", {
    unique: { kind: "unique", schema, table: "customers", name: "customers_email_key", columns: ["email"] },
  }),
  operation("addForeignKey", {
    foreignKey: {
      kind: "foreignKey",
      schema,
      table: "orders",
      name: "orders_customer_fkey",
      columns: ["customer"],
      references: { schema, table: "customers", columns: ["id"] },
    },
  }),
  operation("addEnumValue", { schema, name: "state", add: [{ value: "sent", after: "paid" }] }),
  operation("backfill", {
    schema,
    table: "orders",
    set: [{ column: "total", expression: "amount * 1.19" }],
    meanwhile: "trigger",
  }),
  operation("backfill", {
    schema,
    table: "orders",
    set: [{ column: "touched", expression: "touched + 1" }],
    meanwhile: "none",
  }),
  operation("alterColumnNullable", { schema, table: "orders", name: "total", notNull: true }),
  operation("dropIndex", { schema, table: "orders", name: "orders_code" }),
  operation("splitColumn", {
    schema,
    table: "customers",
    name: "full_name",
    into: [
      { name: "first_name", type: "text", expression: "split_part(full_name, ' ', 1)" },
      { name: "last_name", type: "text", expression: "split_part(full_name, ' ', 2)" },
    ],
  }),
  operation("rawSql", { sql: "insert into log select 'once, ' || count(*) from orders where total is not null" }),
  operation("dropColumn", { schema, table: "orders", name: "code" }),
];
