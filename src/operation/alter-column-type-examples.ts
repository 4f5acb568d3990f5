/** The worked examples of alterColumnType. */
import type { AlterColumnType } from "./alter-column-type-payload.ts";
import type { Example } from "./define.ts";

const users = { schema: "public", table: "users" } as const;

export const alterColumnTypeExamples: readonly Example<AlterColumnType>[] = [
  {
    name: "longer text with its default",
    before: "create table users (id int, state varchar(10) not null default 'new')",
    op: {
      ...users,
      name: "state",
      from: { type: "character varying(10)", default: "'new'::character varying" },
      to: { type: "text", default: "'new'::text" },
    },
    after: "create table users (id int, state text not null default 'new')",
  },
  {
    name: "integer to bigint with a key and a foreign key",
    before:
      "create table users (id int primary key, boss int references users); create table posts (author int constraint posts_author references users)",
    op: {
      ...users,
      name: "id",
      from: { type: "integer" },
      to: { type: "bigint" },
      joined: [{ schema: "public", name: "posts" }],
    },
    after:
      "create table users (id bigint primary key, boss int references users); create table posts (author int constraint posts_author references users)",
  },
  {
    name: "text to integer with a default, quoted names",
    before: `create table "User" ("How Many" text default '1')`,
    op: {
      schema: "public",
      table: "User",
      name: "How Many",
      from: { type: "text", default: "'1'::text" },
      to: { type: "integer", default: "1" },
    },
    after: 'create table "User" ("How Many" int default 1)',
  },
  {
    name: "shorter text",
    before: "create table users (name text check (name <> '')); create index users_lower on users (lower(name))",
    op: {
      ...users,
      name: "name",
      from: { type: "text" },
      to: { type: "character varying(3)" },
      rechecks: true,
      also: [
        {
          kind: "check",
          schema: "public",
          table: "users",
          name: "users_name_check",
          expression: "(((name)::text <> ''::text))",
          dependsOn: ["column:public.users.name"],
        },
        {
          kind: "index",
          schema: "public",
          table: "users",
          name: "users_lower",
          definition: "btree (lower((name)::text))",
          columns: [],
          dependsOn: ["column:public.users.name"],
        },
      ],
    },
    after:
      "create table users (name varchar(3) check (name::text <> '')); create index users_lower on users (lower(name))",
  },
  {
    name: "timestamp with a zone",
    before: "create table users (made timestamp); create index users_made on users (made)",
    op: {
      ...users,
      name: "made",
      from: { type: "timestamp without time zone" },
      to: { type: "timestamp with time zone" },
      rechecks: true,
    },
    after: "create table users (made timestamptz); create index users_made on users (made)",
  },
  {
    name: "text to enum",
    before: "create type mood as enum ('ok', 'bad'); create table users (mood text default 'ok')",
    op: {
      ...users,
      name: "mood",
      from: { type: "text", default: "'ok'::text" },
      to: { type: "public.mood", default: "'ok'::public.mood" },
      dependsOn: ["enum:public.mood"],
    },
    after: "create type mood as enum ('ok', 'bad'); create table users (mood mood default 'ok')",
  },
  {
    name: "one enum to another",
    before: `create type a as enum ('x'); create type "B" as enum ('x', 'y'); create table users (k a)`,
    op: { ...users, name: "k", from: { type: "public.a" }, to: { type: 'public."B"' }, dependsOn: ['enum:public."B"'] },
    after: `create type a as enum ('x'); create type "B" as enum ('x', 'y'); create table users (k "B")`,
  },
  {
    name: "collation",
    before: "create table users (name text)",
    op: { ...users, name: "name", from: { type: "text" }, to: { type: "text", collation: 'pg_catalog."C"' } },
    after: 'create table users (name text collate "C")',
  },
  {
    name: "identity column to text, nullable, with a default",
    before: "create table users (id int generated always as identity)",
    op: {
      ...users,
      name: "id",
      from: { type: "integer" },
      to: { type: "text", default: "'none'::text" },
      identity: { generation: "always" },
      nullable: true,
    },
    after: "create table users (id text default 'none')",
  },
  {
    name: "identity column to bigint",
    before: "create table users (id int generated always as identity)",
    op: { ...users, name: "id", from: { type: "integer" }, to: { type: "bigint" } },
    after: "create table users (id bigint generated always as identity)",
  },
  {
    name: "generated column",
    before: "create table users (a int, b int generated always as (a) stored)",
    op: {
      ...users,
      name: "b",
      from: { type: "integer" },
      to: { type: "bigint" },
      generated: true,
      dependsOn: ["column:public.users.a"],
    },
    after: "create table users (a int, b bigint generated always as (a) stored)",
  },
  {
    name: "by an expression of its own",
    before: "create table users (flags int)",
    op: {
      ...users,
      name: "flags",
      from: { type: "integer" },
      to: { type: "boolean" },
      using: "flags > 0",
    },
    after: "create table users (flags boolean)",
    notFromDiff: true,
  },
];
