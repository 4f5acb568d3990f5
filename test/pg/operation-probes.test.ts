// The probes of keys name the rows that stand in their way, and none when nothing does.
import { beforeAll, expect, test } from "bun:test";
import { kindOf } from "../../src/operation/registry.ts";
import { withDatabase } from "../support/with-database.ts";

const db = await withDatabase();

beforeAll(() =>
  db.query(`
create schema app;
create table app."House" (no int, "Row Count" text, row_count text, primary key (no));
insert into app."House" values (1, 'x', 'a'), (2, 'x', 'a'), (3, null, 'b'), (4, null, 'b'), (5, 'y', 'c');
create table app.lodger (house int, part int, who text);
insert into app.lodger values (1, 1, 'fine'), (9, 1, 'lost'), (8, null, 'half'), (null, null, 'none'), (9, 2, 'lost too');
create table app.child () inherits (app.lodger);
insert into app.child values (77, 1, 'of another table');
create table app.block (house int, part int, unique (house, part));
insert into app.block values (1, 1);
`),
);

async function offending(kind: string, op: object): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const { name, sql } of kindOf(kind).probes?.({ kind, ...op }) ?? []) {
    const rows = await db.query(sql);
    if (rows.length > 0) found.push([name, rows]);
  }
  return found;
}

const house = { schema: "app", table: "House", name: "house_key" };

test("duplicates are shown with how often they occur, most frequent first", async () => {
  const unique = { kind: "unique", ...house, columns: ["row_count"] };
  expect(await offending("addUnique", { unique })).toEqual([
    [
      "duplicates",
      [
        { row_count: "a", row_count_: "2" },
        { row_count: "b", row_count_: "2" },
      ],
    ],
  ]);
});

test("NULLs are duplicates only where they are not distinct", async () => {
  const unique = { kind: "unique", ...house, columns: ["Row Count"] };
  expect(await offending("addUnique", { unique })).toEqual([["duplicates", [{ "Row Count": "x", row_count: "2" }]]]);
  expect(await offending("addUnique", { unique: { ...unique, nullsNotDistinct: true } })).toEqual([
    [
      "duplicates",
      [
        { "Row Count": "x", row_count: "2" },
        { "Row Count": null, row_count: "2" },
      ],
    ],
  ]);
  expect(await offending("addUnique", { unique: { ...unique, columns: ["no", "Row Count"] } })).toEqual([]);
});

test("a unique index on plain columns is probed, one on an expression or on some rows is not", async () => {
  const index = { kind: "index", ...house, unique: true, columns: ["row_count"] };
  const found = [
    [
      "duplicates",
      [
        { row_count: "a", row_count_: "2" },
        { row_count: "b", row_count_: "2" },
      ],
    ],
  ];
  const definitions = ["btree (row_count)", "btree (row_count) NULLS NOT DISTINCT"];
  for (const definition of definitions) {
    expect(await offending("addIndex", { index: { ...index, definition } })).toEqual(found);
  }
  expect(
    await offending("addIndex", {
      index: { ...index, columns: ["no", "row_count"], definition: "btree (no) INCLUDE (row_count)" },
    }),
  ).toEqual([]);
  for (const definition of ["btree (lower(row_count))", "btree (row_count) WHERE (no > 4)", "btree (row_count DESC)"]) {
    expect(await offending("addIndex", { index: { ...index, definition } })).toEqual([]);
  }
});

test("a primary key needs values that are unique and there", async () => {
  const primaryKey = { kind: "primaryKey", schema: "app", table: "lodger", name: "pk", columns: ["house", "part"] };
  expect(await offending("addPrimaryKey", { primaryKey })).toEqual([
    [
      "nulls",
      [
        { house: "8", part: null },
        { house: null, part: null },
      ],
    ],
  ]);
  expect(await offending("addPrimaryKey", { primaryKey: { ...primaryKey, columns: ["part"] } })).toEqual([
    ["duplicates", [{ part: "1", row_count: "2" }]],
    ["nulls", [{ part: null }, { part: null }]],
  ]);
});

const lodger = { kind: "foreignKey", schema: "app", table: "lodger", name: "fk" };

test("orphans are rows of the table itself that refer to nothing", async () => {
  const foreignKey = { ...lodger, columns: ["house"], references: { schema: "app", table: "House", columns: ["no"] } };
  expect(await offending("addForeignKey", { foreignKey })).toEqual([
    ["orphans", [{ house: "8" }, { house: "9" }, { house: "9" }]],
  ]);
  expect(await offending("addForeignKey", { foreignKey: { ...foreignKey, notValid: true } })).toEqual([]);
  expect(await offending("validateConstraint", { constraint: foreignKey })).toHaveLength(1);
});

test("a key that is NULL in part is an orphan only with MATCH FULL", async () => {
  const references = { schema: "app", table: "block", columns: ["house", "part"] };
  const foreignKey = { ...lodger, columns: ["house", "part"], references };
  const lost = [
    { house: "9", part: "1" },
    { house: "9", part: "2" },
  ];
  expect(await offending("addForeignKey", { foreignKey })).toEqual([["orphans", lost]]);
  expect(await offending("addForeignKey", { foreignKey: { ...foreignKey, match: "full" } })).toEqual([
    ["orphans", [{ house: "8", part: null }, ...lost]],
  ]);
});

test("a probe names what has to exist for its question to make sense", () => {
  const foreignKey = { ...lodger, columns: ["house"], references: { schema: "app", table: "House", columns: ["no"] } };
  const [probe] = kindOf("addForeignKey").probes?.({ kind: "addForeignKey", foreignKey } as never) ?? [];
  expect(probe?.requires).toEqual([
    "table:app.lodger",
    "column:app.lodger.house",
    'table:app."House"',
    'column:app."House".no',
  ]);
});
