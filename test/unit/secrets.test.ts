// What may be a secret in SQL that a person wrote is masked where it is shown or recorded; all other SQL stays as it is.
import { expect, test } from "bun:test";
import { withoutSecrets, withoutSecretsOf } from "../../src/sql/secrets.ts";

const masked: readonly (readonly [sql: string, shown: string])[] = [
  [
    "create role app login password 'hunter2' valid until '2030-01-01'",
    "create role app login password '****' valid until '2030-01-01'",
  ],
  ["ALTER USER \"App\" WITH ENCRYPTED PASSWORD E'hun\\'ter2';", "ALTER USER \"App\" WITH ENCRYPTED PASSWORD E'****';"],
  [
    "alter role app /* 'x' */ password -- why\n $p$hunter2$p$ createdb",
    "alter role app /* 'x' */ password -- why\n $p$****$p$ createdb",
  ],
  ["create user password password 'it''s hunter2'", "create user password password '****'"],
  ["create role app password hunter2", "create role app password ****"],
  [
    "create user mapping for app server s options (user 'remote', password 'hunter2', \"Token\" 'hunter2')",
    "create user mapping for app server s options (user 'remote', password '****', \"Token\" '****')",
  ],
  [
    "alter user mapping for app server s options (set password 'hunter2')",
    "alter user mapping for app server s options (set password '****')",
  ],
  [
    "create server s foreign data wrapper f options (host 'h', api_key 'hunter2', dbname 'password')",
    "create server s foreign data wrapper f options (host 'h', api_key '****', dbname 'password')",
  ],
  [
    "create subscription s connection 'host=h password=hunter2 dbname=d' publication p",
    "create subscription s connection 'host=h password=**** dbname=d' publication p",
  ],
  [
    "alter subscription s connection 'host=h password = ''hun ter2'''",
    "alter subscription s connection 'host=h password = ****'",
  ],
  [
    "create subscription s connection 'postgres://u:hunter2@h/d' publication p",
    "create subscription s connection 'postgres://u:****@h/d' publication p",
  ],
  ["select dblink_connect('c', 'host=h password=hunter2')", "select dblink_connect('c', 'host=h password=****')"],
  ["do $$ begin create role app password 'hunter2'; end $$", "do $$ begin create role app password '****'; end $$"],
  [
    "do $$ begin execute 'create role app password ''hunter2'''; end $$",
    "do $$ begin execute 'create role app password****'; end $$",
  ],
  [
    "do $$ begin execute format('alter role %I password %L', 'app', 'hunter2'); perform 'kept'; end $$",
    "do $$ begin execute format('alter role %I password %L', '****', '****'); perform 'kept'; end $$",
  ],
  ["select 1; create role app password 'hunter2'; select 'x'", "select 1; create role app password '****'; select 'x'"],
];

for (const [sql, shown] of masked) {
  test(`masked: ${sql.slice(0, 60)}`, () => {
    expect(withoutSecrets(sql)).toBe(shown);
    expect(shown).not.toContain("hunter2");
  });
}

const kept = [
  "create role app password null",
  "alter role app set search_path = 'password'",
  "alter role \"password\" rename to 'x'",
  "create table users (password text default 'password', token text)",
  "comment on column users.password is 'password=''x'' is not kept'",
  "insert into users (password) values ('password=hunter2')",
  "create function f() returns text language sql as $$ select 'password=x' $$",
  "create server s foreign data wrapper f options (host 'h', password_required 'false')",
  "do $$ begin perform 1; end $$",
];

for (const sql of kept) test(`kept: ${sql.slice(0, 60)}`, () => expect(withoutSecrets(sql)).toBe(sql));

test("a message about a statement loses the statement's secrets", () => {
  const sql = "create subscription s connection 'host=h password=hun''ter2' publication p";
  expect(withoutSecretsOf("create role app password hunter2", 'syntax error at or near "hunter2"')).toBe(
    'syntax error at or near "****"',
  );
  expect(withoutSecretsOf("select 'hunter2'", "hunter2")).toBe("hunter2");
  expect(withoutSecretsOf(sql, "kept")).toBe("kept");
});
