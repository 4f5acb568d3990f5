import { expect, test } from "bun:test";
import { controlsTransaction, isOneStatement, runsAlone, wordsOf } from "../../src/sql/words.ts";

test("words are what stands outside strings, quoted names and comments", () => {
  expect(wordsOf(`/* a /* nested */ comment */ Select "Odd; ""Name", 'it''s; ok' -- rest; of line\n from t1;`)).toEqual(
    ["select", '"', ",", "'", "from", "t1", ";"],
  );
  expect(wordsOf(`select E'a\\'; drop' , e'\\\\', type'x', $$ a; b $$, $tag$ $$; $tag$, $1`)).toEqual([
    "select",
    "'",
    ",",
    "'",
    ",",
    "type",
    "'",
    ",",
    "'",
    ",",
    "'",
    ",",
    "$",
    "1",
  ]);
  expect(wordsOf("vacuum full users", 2)).toEqual(["vacuum", "full"]);
  expect(wordsOf("select 'never ends")).toEqual(["select", "'"]);
  expect(wordsOf("/* never ends")).toEqual([]);
});

test("a statement that Postgres refuses in a transaction runs alone", () => {
  const alone = [
    "create index concurrently i on t (a)",
    "-- why\nCREATE UNIQUE INDEX CONCURRENTLY i ON t (a)",
    "drop index concurrently if exists i",
    "reindex (verbose) table concurrently t",
    "reindex (concurrently) index i",
    "reindex database shop",
    "vacuum (analyze) t",
    "alter table only s.t detach partition p concurrently",
    "alter system set work_mem = '1MB'",
    "create database shop",
    "drop database shop",
    "create tablespace fast location '/x'",
  ];
  const together = [
    "create index i on t (a)",
    `create table "concurrently" (a int)`,
    "alter type mood add value 'concurrently'",
    "refresh materialized view concurrently m",
    "reindex table t",
    "drop index i",
    "comment on index i is 'built concurrently'",
    "alter table t detach partition p",
    "do $$ begin execute 'vacuum'; end $$",
  ];
  expect(alone.filter((sql) => !runsAlone(wordsOf(sql)))).toEqual([]);
  expect(together.filter((sql) => runsAlone(wordsOf(sql)))).toEqual([]);
});

test("several statements in one text are told from one with semicolons inside", () => {
  const one = [
    "select 1;;",
    "select ';'",
    "create rule r as on insert to t do also (delete from u; delete from v)",
    "create function f() returns int begin atomic select 1; select case when true then 1 end; end",
    "do $$ begin null; end $$",
  ];
  const several = ["select 1; select 2", "begin; select 1", "select ';'; drop table t"];
  expect(one.filter((sql) => !isOneStatement(wordsOf(sql)))).toEqual([]);
  expect(several.filter((sql) => isOneStatement(wordsOf(sql)))).toEqual([]);
});

test("statements that begin or end a transaction are recognised", () => {
  const control = ["begin", "START TRANSACTION", "/**/ commit", "rollback to savepoint a", "prepare transaction 'x'"];
  const other = ["prepare p as select 1", "select 'commit'", "start_something()"];
  expect(control.filter((sql) => !controlsTransaction(wordsOf(sql)))).toEqual([]);
  expect(other.filter((sql) => controlsTransaction(wordsOf(sql)))).toEqual([]);
});
