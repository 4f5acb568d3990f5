/** The worked examples of createTable: documentation and test at once. */

import type { CreateTable } from "./create-table-payload.ts";
import type { Example } from "./define.ts";

export const createTableExamples: readonly Example<CreateTable>[] = [
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
    name: "inheriting from another, without its default and stricter",
    before: "create table base (id int default 1, n int)",
    op: {
      table: { kind: "table", schema: "public", name: "part", inherits: [{ schema: "public", table: "base" }] },
      columns: [
        { kind: "column", schema: "public", table: "part", name: "id", position: 1, type: "integer", inherited: true },
        {
          kind: "column",
          schema: "public",
          table: "part",
          name: "n",
          position: 2,
          type: "integer",
          notNull: true,
          inherited: true,
        },
      ],
      withoutDefault: ["id"],
      stricter: ["n"],
    },
    after:
      "create table base (id int default 1, n int); create table part () inherits (base); alter table part alter column id drop default, alter column n set not null",
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
];
