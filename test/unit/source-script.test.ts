/** Cutting scripts into statements with Postgres's grammar, and refusing what a schema may not contain. Needs no server. */
import { expect, test } from "bun:test";
import { isToolError } from "../../src/base/errors.ts";
import { checkScripts } from "../../src/source/run-scripts.ts";
import { parseScript } from "../../src/source/script.ts";
import { toolErrorOf } from "../support/tool-error.ts";

async function statementsOf(text: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const statement of parseScript({ file: "s.sql", text })) {
    expect(text.slice(statement.start, statement.end)).toBe(statement.text);
    texts.push(statement.text);
  }
  return texts;
}

/** What, why and next step of the refusal of a script. */
async function refusalOf(text: string): Promise<readonly (string | undefined)[]> {
  const error = await toolErrorOf(checkScripts([{ file: "s.sql", text }]));
  expect(error.code).toBe("sql_invalid");
  return [error.what, error.why, error.next];
}

test("statements end where Postgres says, not at every semicolon", async () => {
  const statements = [
    "create table \"a;b\" (x text default ';', y text default e'\\';')",
    "create function f() returns int language plpgsql as $body$ begin; return 1; end; $body$",
    "create function g() returns int language sql begin atomic select 1; select case when true then 2 end; end",
    "create rule r as on insert to t do also (insert into u values (1); insert into v values (2))",
    "select /* ; /* nested; */ */ 1 -- ;\n + 1",
    "begin",
  ];
  expect(await statementsOf(`-- a comment;\n${statements.join(";\n\n")};`)).toEqual(statements);
});

test("places are counted in characters after text that is longer in bytes", async () => {
  expect(await statementsOf("select 'é😀'; select 2;\n;; -- ü\n select '😀' ")).toEqual([
    "select 'é😀'",
    "select 2",
    "select '😀' ",
  ]);
  expect((await refusalOf("select 'é😀';\nselect '😀', selec 1 1;"))[0]).toBe(
    "s.sql:2:19 cannot be loaded: select '😀', selec 1 1;",
  );
});

test("a script of nothing but comments has no statements", async () => {
  expect(await statementsOf("")).toEqual([]);
  expect(await statementsOf("\ufeff-- only this\n/* and this */ ;")).toEqual([]);
});

test("a long script is parsed in pieces without breaking a body at a line end", async () => {
  const tables = Array.from({ length: 9_000 }, (_, at) => `create table t${at} (id bigint primary key, "ü" text)`);
  const body = `create function f() returns void language sql as $$\n${"select 1;\n".repeat(60_000)}$$`;
  const statements = [...tables.slice(0, 4_000), body, ...tables.slice(4_000)];
  expect(await statementsOf(`${statements.join(";\n")};\n`)).toEqual(statements);
  expect(await statementsOf(`${statements.join(";\r\n")};\r\n`)).toEqual(statements);
});

test("an error far down a long script has its own line", async () => {
  const text = `${"create table t (id bigint primary key, name text not null);\n".repeat(9_000)}select 'open;\n${"x;\n".repeat(200_000)}`;
  const [what, why] = await refusalOf(text);
  expect(what).toBe("s.sql:9001:8 cannot be loaded: select 'open;");
  expect(why).toStartWith(`ERROR: unterminated quoted string at or near "'open;`);
  expect(why?.length).toBeLessThan(320);
});

test("a syntax error has Postgres's words, file, line, column and the line", async () => {
  expect(await refusalOf("create table a (x int);\ncreate tabel b ();\n")).toEqual([
    "s.sql:2:8 cannot be loaded: create tabel b ();",
    'ERROR: syntax error at or near "tabel"',
    "correct line 2 of s.sql",
  ]);
  expect((await refusalOf("create table a (x int"))[1]).toBe("ERROR: syntax error at end of input");
});

test("commands of psql are named with their line", async () => {
  expect(await refusalOf("create table a (x int);\n\\connect other\n")).toEqual([
    "s.sql:2:1 cannot be loaded: \\connect other",
    "\\connect is a command of psql, not of Postgres",
    "remove line 2, or put the SQL it stands for there",
  ]);
  expect((await refusalOf("select 1 \\gset\n"))[1]).toBe("\\gset is a command of psql, not of Postgres");
  expect((await refusalOf("\\i other.sql"))[1]).toBe("\\i is a command of psql, not of Postgres");
  expect((await refusalOf("select :'name';"))[2]).toBe("write the value out: variables of psql are not known here");
});

test("the restriction pg_dump puts around its output is skipped", async () => {
  const dump =
    "--\n-- PostgreSQL database dump\n--\n\n\\restrict aBc123\n\nset lock_timeout = 0;\n\\unrestrict aBc123\n\n";
  expect(await statementsOf(dump)).toEqual(["set lock_timeout = 0"]);
});

test("rows in a dump are refused as such, whatever they hold", async () => {
  const why = "rows that follow COPY … FROM stdin are data, and a schema is loaded without data";
  const refused = [
    "s.sql:2:1 cannot be loaded: COPY public.t (a, b) FROM stdin;",
    why,
    "dump the schema only: pg_dump --schema-only",
  ];
  for (const rows of ["1\tone\n", "it's\topen\n", "", "select\t1;\n", "\\N\t$$\n"]) {
    expect(
      await refusalOf(`create table t (a text, b text);\nCOPY public.t (a, b) FROM stdin;\n${rows}\\.\n\nselect 1;\n`),
    ).toEqual(refused);
  }
  expect((await refusalOf("copy t to '/tmp/x'"))[1]).toContain("files of the server");
  expect((await refusalOf("copy t from program 'id'"))[1]).toContain("start programs there");
});

test("statements that reach beyond the throwaway database are refused by name", async () => {
  const refused: Readonly<Record<string, string>> = {
    "create database x": "CREATE DATABASE",
    "drop database x": "DROP DATABASE",
    "alter database x set search_path = ''": "ALTER DATABASE … SET",
    "alter database x rename to y": "RENAME of a DATABASE",
    "alter database x owner to y": "ALTER OWNER of a DATABASE",
    "comment on database x is ''": "COMMENT ON DATABASE",
    "grant connect on database x to y": "GRANT or REVOKE ON DATABASE",
    "create role x": "CREATE ROLE",
    "create user x password 'y'": "CREATE ROLE",
    "alter role x superuser": "ALTER ROLE",
    "alter role x set work_mem = '1GB'": "ALTER ROLE … SET",
    "drop owned by x": "DROP OWNED",
    "grant a to b": "GRANT or REVOKE of a role",
    "comment on role x is ''": "COMMENT ON ROLE",
    "alter system set fsync = off": "ALTER SYSTEM",
    "create tablespace x location '/x'": "CREATE TABLESPACE",
    "create subscription s connection 'host=x' publication p": "CREATE SUBSCRIPTION",
    "prepare transaction 'x'": "PREPARE TRANSACTION",
  };
  for (const [statement, words] of Object.entries(refused)) {
    expect((await refusalOf(`create table a ();\n  ${statement};`)).slice(0, 2)).toEqual([
      `s.sql:2:3 cannot be loaded: ${statement.replace("password 'y'", "password '****'")};`,
      `${words} would reach beyond the throwaway database a schema is loaded into`,
    ]);
  }
});

test("what pg_dump writes before and after a schema is allowed", async () => {
  const prologue = `set statement_timeout = 0; set client_encoding = 'UTF8'; set standard_conforming_strings = on;
select pg_catalog.set_config('search_path', '', false); set check_function_bodies = false; set row_security = off;
grant usage on schema public to public; alter default privileges grant select on tables to public;
comment on schema public is 'x'; begin; create table a (); commit;`;
  expect((await checkScripts([{ file: "s.sql", text: prologue }]))[0]?.statements).toHaveLength(12);
});

test("settings that would change how the script is read are refused", async () => {
  expect((await refusalOf("set client_encoding = 'LATIN1';"))[1]).toBe(
    "the script says it is written in LATIN1; it is read as UTF-8",
  );
  expect((await refusalOf("set standard_conforming_strings = off;"))[2]).toBe("write E'…' and remove the line");
});

test("a transaction that stays open is refused where it begins", async () => {
  expect(await refusalOf("create table a ();\nbegin;\ncreate table b ();\n")).toEqual([
    "s.sql:2:1 cannot be loaded: begin;",
    "the transaction that begins here is not committed by the end of the file: psql would roll it back",
    "add commit; to the end of the file",
  ]);
  expect((await refusalOf("begin; commit and chain;"))[0]).toStartWith("s.sql:1:1 ");
});

test("a hostile script cannot take the parser down", async () => {
  const deep = [
    `select ${"(".repeat(200_000)}1`,
    `select ${"1 + ".repeat(200_000)}1`,
    `select ${"not ".repeat(200_000)}true`,
  ];
  for (const text of deep) {
    const error = await toolErrorOf(statementsOf(text));
    expect([error.code, isToolError(error)]).toEqual(["sql_invalid", true]);
    expect(error.why).toMatch(/memory exhausted|nested too deeply|out of memory/);
    expect(await statementsOf("select 1")).toEqual(["select 1"]);
  }
  expect((await refusalOf("select 1;\nselect '\0';"))[1]).toBe("it holds a NUL character");
});
