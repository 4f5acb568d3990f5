/** The worked examples of rebuildTable: documentation and test at once. */
import type { Column } from "../model/object.ts";
import type { Example } from "./define.ts";
import type { RebuildTable } from "./rebuild-table-payload.ts";

const users = { kind: "table", schema: "public", name: "users" } as const;

function column(table: string, name: string, type: string, more: Partial<Column> = {}): Column {
  return { kind: "column", schema: "public", table, name, type, ...more };
}

export const rebuildTableExamples: readonly Example<RebuildTable>[] = [
  {
    name: "a wider key, another order",
    before: "create table users (name text, id int primary key)",
    op: {
      table: users,
      columns: [
        { column: column("users", "id", "bigint", { notNull: true }), value: "id" },
        { column: column("users", "name", "text"), value: "name" },
      ],
      parts: [{ kind: "primaryKey", schema: "public", table: "users", name: "users_pkey", columns: ["id"] }],
      referring: [],
      sequences: [],
      identities: [],
      key: ["id"],
      id: "0a1b2c3d",
      supersedes: "3d2c1b0a",
    },
    after: "create table users (id bigint primary key, name text)",
    notFromDiff: true,
  },
  {
    name: "with an identity, a unique constraint, an index, checks, keys from and to it, policies and a trigger",
    before: `create table teams (id int primary key);
      create function stamp() returns trigger language plpgsql as 'begin return new; end';
      create table users (id int generated always as identity primary key, mail text not null constraint one unique,
        team int constraint of references teams, boss int constraint boss references users, age int default 0 constraint old check (age >= 0));
      create index users_age on users (age) where age > 17; comment on index users_age is 'grown up';
      comment on table users is 'people'; comment on column users.mail is 'where to write';
      alter table users enable row level security; create policy own on users using (mail = current_user);
      create trigger stamp before update on users for each row execute function stamp();
      create table posts (author int constraint by references users on delete cascade)`,
    op: {
      table: { ...users, comment: "people" },
      columns: [
        { column: column("users", "id", "bigint", { notNull: true, identity: { generation: "always" } }), value: "id" },
        { column: column("users", "mail", "text", { notNull: true, comment: "where to write" }), value: "mail" },
        { column: column("users", "team", "integer"), value: "team" },
        { column: column("users", "boss", "bigint"), value: "boss" },
        { column: column("users", "age", "smallint", { default: "0" }), value: "age" },
      ],
      parts: [
        {
          kind: "check",
          schema: "public",
          table: "users",
          name: "old",
          expression: "((age >= 0))",
          dependsOn: ["column:public.users.age"],
        },
        {
          kind: "foreignKey",
          schema: "public",
          table: "users",
          name: "boss",
          columns: ["boss"],
          references: { schema: "public", table: "users", columns: ["id"] },
        },
        {
          kind: "foreignKey",
          schema: "public",
          table: "users",
          name: "of",
          columns: ["team"],
          references: { schema: "public", table: "teams", columns: ["id"] },
        },
        {
          kind: "index",
          schema: "public",
          table: "users",
          name: "users_age",
          definition: "btree (age) WHERE (age > 17)",
          columns: ["age"],
          comment: "grown up",
          dependsOn: ["column:public.users.age"],
        },
        {
          kind: "policy",
          schema: "public",
          table: "users",
          name: "own",
          using: "(mail = CURRENT_USER)",
          dependsOn: ["column:public.users.mail"],
        },
        { kind: "primaryKey", schema: "public", table: "users", name: "users_pkey", columns: ["id"] },
        { kind: "rowSecurity", schema: "public", table: "users", enabled: true },
        {
          kind: "trigger",
          schema: "public",
          table: "users",
          name: "stamp",
          definition: "CREATE TRIGGER stamp BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.stamp()",
          dependsOn: ["function:public.stamp()"],
        },
        { kind: "unique", schema: "public", table: "users", name: "one", columns: ["mail"] },
      ],
      referring: [
        {
          kind: "foreignKey",
          schema: "public",
          table: "posts",
          name: "by",
          columns: ["author"],
          references: { schema: "public", table: "users", columns: ["id"] },
          onDelete: "cascade",
        },
      ],
      sequences: [],
      identities: [{ column: "id", sequence: "users_id_seq" }],
      key: ["id"],
      id: "0a1b2c3d",
      supersedes: "3d2c1b0a",
    },
    after: `create table teams (id int primary key);
      create function stamp() returns trigger language plpgsql as 'begin return new; end';
      create table users (id bigint generated always as identity primary key, mail text not null constraint one unique,
        team int constraint of references teams, boss bigint constraint boss references users, age smallint default 0 constraint old check (age >= 0));
      create index users_age on users (age) where age > 17; comment on index users_age is 'grown up';
      comment on table users is 'people'; comment on column users.mail is 'where to write';
      alter table users enable row level security; create policy own on users using (mail = current_user);
      create trigger stamp before update on users for each row execute function stamp();
      create table posts (author int constraint by references users on delete cascade)`,
    notFromDiff: true,
  },
  {
    name: "with a serial and a generated column, quoted names, by a composite unique key",
    before: `create table "Line" ("Order" int not null, "No." serial, price int, twice int generated always as (price * 2) stored,
      constraint "Each" unique ("Order", "No."))`,
    op: {
      table: { kind: "table", schema: "public", name: "Line" },
      columns: [
        { column: column("Line", "Order", "bigint", { notNull: true }), value: '"Order"' },
        {
          column: column("Line", "No.", "integer", {
            notNull: true,
            default: `nextval('public."Line_No._seq"'::regclass)`,
            dependsOn: ['sequence:public."Line_No._seq"'],
          }),
          value: '"No."',
        },
        { column: column("Line", "price", "integer"), value: "price" },
        {
          column: column("Line", "twice", "integer", {
            generated: { expression: "(price * 2)", storage: "stored" },
            dependsOn: ['column:public."Line".price'],
          }),
        },
      ],
      parts: [{ kind: "unique", schema: "public", table: "Line", name: "Each", columns: ["Order", "No."] }],
      referring: [],
      sequences: [{ name: "Line_No._seq", column: "No." }],
      identities: [],
      key: ["Order", "No."],
      id: "ffffffff",
      supersedes: "00000000",
    },
    after: `create sequence "Line_No._seq" as int;
      create table "Line" ("Order" bigint not null, "No." int not null default nextval('"Line_No._seq"'), price int,
        twice int generated always as (price * 2) stored, constraint "Each" unique ("Order", "No."));
      alter sequence "Line_No._seq" owned by "Line"."No."`,
    notFromDiff: true,
  },
];
