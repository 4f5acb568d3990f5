/** Worked examples of grant, revoke and alterDefaultPrivileges. The roles are the server's own: every cluster has them. */
import type { Example } from "./define.ts";
import type { AlterDefaultPrivileges, GrantPayload, RevokePayload } from "./grant-payload.ts";

const users = { kind: "table", schema: "public", name: "users" } as const;
const table = "create table users (id int, email text)";
const routine = "create function answer(a int, b text) returns int language sql return 42";
const answer = { kind: "function", schema: "public", name: "answer", arguments: "integer, text" } as const;

export const grantExamples: readonly Example<GrantPayload>[] = [
  {
    name: "on a table",
    before: table,
    op: { on: users, to: "pg_monitor", privileges: ["select", "insert"] },
    after: `${table}; grant insert, select on users to pg_monitor`,
  },
  {
    name: "on a table, with the right to pass it on, one privilege more",
    before: `${table}; grant select on users to pg_monitor`,
    op: { on: users, to: "pg_monitor", privileges: ["update"], withGrantOption: ["select"] },
    after: `${table}; grant select on users to pg_monitor with grant option; grant update on users to pg_monitor`,
  },
  {
    name: "on a column, quoted names",
    before: `create schema "App"; create table "App"."User" ("E Mail" text)`,
    op: {
      on: { kind: "column", schema: "App", table: "User", name: "E Mail" },
      to: "pg_monitor",
      privileges: ["select", "update"],
    },
    after: `create schema "App"; create table "App"."User" ("E Mail" text); grant select ("E Mail"), update ("E Mail") on "App"."User" to pg_monitor`,
  },
  {
    name: "to everybody, on a view",
    before: `${table}; create view emails as select email from users`,
    op: { on: { kind: "view", schema: "public", name: "emails" }, to: "public", privileges: ["select"] },
    after: `${table}; create view emails as select email from users; grant select on emails to public`,
  },
  {
    name: "to everybody, what was taken away",
    before: `${routine}; revoke execute on function answer from public`,
    op: { on: answer, to: "public", privileges: ["execute"] },
    after: routine,
  },
  {
    name: "to the owner, what was taken away",
    before: `${table}; revoke insert, delete on users from current_user`,
    op: { on: users, privileges: ["insert", "delete"] },
    after: table,
  },
  {
    name: "on a schema",
    before: "create schema app",
    op: { on: { kind: "schema", name: "app" }, to: "pg_monitor", privileges: ["usage"] },
    after: "create schema app; grant usage on schema app to pg_monitor",
  },
  {
    name: "on a sequence",
    before: "create sequence numbers",
    op: { on: { kind: "sequence", schema: "public", name: "numbers" }, to: "pg_monitor", privileges: ["usage"] },
    after: "create sequence numbers; grant usage on sequence numbers to pg_monitor",
  },
  {
    name: "on a domain",
    before: "create domain positive as int; revoke usage on type positive from public",
    op: { on: { kind: "domain", schema: "public", name: "positive" }, to: "pg_monitor", privileges: ["usage"] },
    after:
      "create domain positive as int; revoke usage on type positive from public; grant usage on domain positive to pg_monitor",
  },
];

export const revokeExamples: readonly Example<RevokePayload>[] = [
  {
    name: "from a role on a table",
    before: `${table}; grant select, insert on users to pg_monitor`,
    op: { on: users, from: "pg_monitor", privileges: ["insert"] },
    after: `${table}; grant select on users to pg_monitor`,
  },
  {
    name: "only the right to pass it on",
    before: `${table}; grant select on users to pg_monitor with grant option`,
    op: { on: users, from: "pg_monitor", grantOption: ["select"] },
    after: `${table}; grant select on users to pg_monitor`,
  },
  {
    name: "from everybody on a function",
    before: routine,
    op: { on: answer, from: "public", privileges: ["execute"] },
    after: `${routine}; revoke execute on function answer from public`,
  },
  {
    name: "from the owner",
    before: table,
    op: { on: users, privileges: ["truncate"] },
    after: `${table}; revoke truncate on users from current_user`,
  },
  {
    name: "from everybody in public",
    before: "",
    op: { on: { kind: "schema", name: "public" }, from: "public", privileges: ["usage"] },
    after: "revoke usage on schema public from public",
  },
  {
    name: "on a table, what the role has on columns stays",
    before: `${table}; grant select, update on users to pg_monitor; grant select (id), select (email) on users to pg_monitor`,
    op: {
      on: users,
      from: "pg_monitor",
      privileges: ["select"],
      columns: [
        { name: "email", privileges: ["select"] },
        { name: "id", privileges: ["select"] },
      ],
    },
    after: `${table}; grant update on users to pg_monitor; grant select (id), select (email) on users to pg_monitor`,
  },
  {
    name: "on a type",
    before: "create type mood as enum ('ok'); grant usage on type mood to pg_monitor",
    op: { on: { kind: "enum", schema: "public", name: "mood" }, from: "pg_monitor", privileges: ["usage"] },
    after: "create type mood as enum ('ok')",
  },
];

export const alterDefaultPrivilegesExamples: readonly Example<AlterDefaultPrivileges>[] = [
  {
    name: "tables of a schema can be read",
    before: 'create schema "App"',
    op: { on: "tables", in: "App", to: "pg_monitor", grant: ["select"] },
    after: 'create schema "App"; alter default privileges in schema "App" grant select on tables to pg_monitor',
  },
  {
    name: "functions cannot be called by everybody",
    before: "",
    op: { on: "functions", to: "public", revoke: ["execute"] },
    after: "alter default privileges revoke execute on functions from public",
  },
  {
    name: "of another role, more and less",
    before:
      "alter default privileges for role pg_read_all_data grant usage, select on sequences to pg_monitor with grant option",
    op: {
      on: "sequences",
      role: "pg_read_all_data",
      to: "pg_monitor",
      grant: ["update"],
      revoke: ["select"],
      revokeGrantOption: ["usage"],
    },
    after: "alter default privileges for role pg_read_all_data grant usage, update on sequences to pg_monitor",
  },
  {
    name: "nothing is said any more",
    before: "alter default privileges grant usage on types to pg_monitor with grant option",
    op: { on: "types", to: "pg_monitor", revoke: ["usage"] },
    after: "",
  },
];
