// Renames that sources say of their own tables and columns: read from comments of SQL and from the builder, and used once.
import { expect, test } from "bun:test";
import { applyRenames } from "../../src/diff/renames.ts";
import { withSaidRenames } from "../../src/diff/said-renames.ts";
import { makeGraph } from "../../src/model/graph.ts";
import { defineEnum, defineModel, integer, text } from "../../src/source/builder/index.ts";
import { renamesOfModule } from "../../src/source/builder/module-graph.ts";
import { checkScripts } from "../../src/source/run-scripts.ts";
import { toolErrorOf } from "../support/tool-error.ts";

async function saidIn(text: string) {
  const [checked] = await checkScripts([{ file: "s.sql", text }]);
  return checked?.renames;
}

async function refusalOf(text: string): Promise<string> {
  const error = await toolErrorOf(checkScripts([{ file: "s.sql", text }]));
  return `${error.what.split(" ")[0]} ${error.why}`;
}

/** A graph of tables, by `schema.name`, with integer columns. */
function graphOf(tables: Readonly<Record<string, readonly string[]>>) {
  return makeGraph(
    Object.entries(tables).flatMap(([path, columns]) => {
      const [schema = "", table = ""] = path.split(".");
      return [
        { kind: "table" as const, schema, name: table },
        ...columns.map((name, at) => ({
          kind: "column" as const,
          schema,
          table,
          name,
          position: at + 1,
          type: "integer",
        })),
      ];
    }),
  );
}

test("comments before a table and at the end of a column's line say what they were called", async () => {
  const script = `
    create table first (id int);
    -- people, as they are called now
    -- zanith:renamed-from People
    create table app."Users" (
      id int, -- zanith:renamed-from "Old ""Id"
      "E Mail" text not null check ("E Mail" <> ', x'), -- zanith:renamed-from é_mail
      born date -- zanith:renamed-from birth
    );`;
  const place = { schema: "app", table: "Users" };
  expect(await saidIn(script)).toEqual([
    { ...place, from: "people" },
    { ...place, column: "id", from: 'Old "Id' },
    { ...place, column: "E Mail", from: "é_mail" },
    { ...place, column: "born", from: "birth" },
  ]);
});

test("a comment that is about no table and no column is an error with its place", async () => {
  const alone = "a comment that says a rename stands alone on a line before CREATE TABLE, TYPE, DOMAIN or SCHEMA";
  expect(await refusalOf("-- zanith:renamed-from v1\ncreate view v as select 1;")).toBe(`s.sql:1:1 ${alone}`);
  expect(await refusalOf("create table a (); -- zanith:renamed-from b\ncreate table c ();")).toBe(
    `s.sql:1:20 ${alone}`,
  );
  expect(await refusalOf("create table a (id int, -- zanith:renamed-from b\n x int);")).toBe(
    "s.sql:1:25 no column begins on the line of this comment",
  );
  expect(await refusalOf("create table a ();\n-- zanith:renamed-from b\n")).toBe(
    "s.sql:2:1 no statement follows that this rename could be about",
  );
  expect(await refusalOf("-- zanith:renamed-from\ncreate table a ();")).toBe("s.sql:1:1 it does not say one name");
});

test("models and fields say what they were called", () => {
  const users = defineModel("users", {
    renamedFrom: "people",
    fields: { id: integer(), eMail: text().renamedFrom("mail").notNull() },
  });
  expect(renamesOfModule({ users })).toEqual([
    { schema: "public", table: "users", from: "people" },
    { schema: "public", table: "users", column: "e_mail", from: "mail" },
  ]);
});

test("what is said becomes renames of a table and its columns", () => {
  const [before, after] = [graphOf({ "app.people": ["a", "m.l"] }), graphOf({ "app.users": ["a", "mail"] })];
  const place = { schema: "app", table: "users" };
  const said = [
    { ...place, column: "mail", from: "m.l" },
    { ...place, from: "people" },
  ];
  const pairs = withSaidRenames(before, after, [], said);
  expect(pairs).toEqual(['"app"."people"="app"."users"', '"app"."people"."m.l"="app"."users"."mail"']);
  expect(applyRenames(before, after, pairs).operations.map(({ kind }) => kind)).toEqual([
    "renameTable",
    "renameColumn",
  ]);
});

test("what was renamed already, was never there or is said by a flag as well is left out", () => {
  const after = graphOf({ "app.users": ["mail"] });
  const said = [{ schema: "app", table: "users", from: "people" }];
  expect(withSaidRenames(after, after, [], said)).toEqual([]);
  expect(withSaidRenames(graphOf({}), after, [], said)).toEqual([]);
  const before = graphOf({ "app.people": ["mail"] });
  expect(withSaidRenames(before, after, ["app.people=users"], said)).toEqual(["app.people=users"]);
});

test("comments before a schema or a type and at the end of a value's line say what they were called", async () => {
  const renames = await saidIn(`-- zanith:renamed-from app
create schema core;
-- zanith:renamed-from mood
create type core.feeling as enum (
  'low', -- zanith:renamed-from 'very sad'
  'ok'
);
-- zanith:renamed-from mail
create domain email as text;
`);
  expect(renames).toEqual([
    { of: "schema", schema: "core", name: "core", from: "app" },
    { of: "type", schema: "core", name: "feeling", from: "mood" },
    { of: "value", schema: "core", name: "feeling", value: "low", from: "very sad" },
    { of: "type", schema: "public", name: "email", from: "mail" },
  ]);
  const before = makeGraph([
    { kind: "schema", name: "app" },
    { kind: "enum", schema: "app", name: "mood", values: ["very sad", "ok"] },
  ]);
  const after = makeGraph([
    { kind: "schema", name: "core" },
    { kind: "enum", schema: "core", name: "feeling", values: ["low", "ok"] },
  ]);
  const pairs = withSaidRenames(before, after, [], renames ?? []);
  expect(pairs).toEqual(['schema:"app"="core"', 'type:"app"."mood"="feeling"', 'value:"app"."mood"."very sad"="low"']);
  expect(applyRenames(before, after, pairs)).toEqual({
    operations: [
      { kind: "renameSchema", from: "app", to: "core" },
      { kind: "renameEnumValue", schema: "core", type: "mood", from: "very sad", to: "low" },
      { kind: "renameType", type: "enum", schema: "core", from: "mood", to: "feeling" },
    ] as never,
    graph: after,
  });
  expect(withSaidRenames(after, after, [], renames ?? [])).toEqual([]);
});

test("enums of a module say what they and their values were called", () => {
  const mood = defineEnum("mood", ["low", "ok"], { renamedFrom: "feeling", renamedValues: { low: "sad" } });
  expect(renamesOfModule({ mood })).toEqual([
    { of: "type", schema: "public", name: "mood", from: "feeling" },
    { of: "value", schema: "public", name: "mood", value: "low", from: "sad" },
  ]);
});
