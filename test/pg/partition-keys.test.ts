// What Postgres never does to a column that a table is divided by is refused when it is planned, by name.
import { expect, test } from "bun:test";
import { planOperations } from "../../src/diff/plan-operations.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";
import { toolErrorOf } from "../support/tool-error.ts";

const { graphOf, server } = await withSchemaBench();

const refused: readonly (readonly [name: string, before: string, after: string, what: string, why: string])[] = [
  [
    "another type for it",
    "create table hits (at date, n int) partition by range (at)",
    "create table hits (at timestamp, n int) partition by range (at)",
    "cannot change the type of hits.at",
    "hits is divided by it (RANGE (at)), and Postgres allows that for no column of a partition key",
  ],
  [
    "another type for a column in an expression that a partition is divided by",
    `create schema app; create table app.hits (at date, "No" int) partition by range (at);
      create table app.hits_1 partition of app.hits default partition by hash (abs("No"))`,
    `create schema app; create table app.hits (at date, "No" bigint) partition by range (at);
      create table app.hits_1 partition of app.hits default partition by hash (abs("No"))`,
    'cannot change the type of app.hits."No"',
    'app.hits_1 is divided by it (HASH (abs("No"))), and Postgres allows that for no column of a partition key',
  ],
  [
    "an enum whose values go",
    "create type mood as enum ('a', 'b'); create table hits (m mood) partition by list (m)",
    "create type mood as enum ('b'); create table hits (m mood) partition by list (m)",
    "cannot make the type anew of hits.m",
    "hits is divided by it (LIST (m)), and Postgres allows that for no column of a partition key",
  ],
];

for (const [name, before, after, what, why] of refused) {
  test(`${name} is refused`, async () => {
    const [from, to] = [await graphOf(before), await graphOf(after)];
    const error = await toolErrorOf((async () => planOperations(from, to, { server }))());
    expect({ what: error.what, why: error.why }).toEqual({ what, why });
    expect(error.next).toStartWith("make a table divided as it shall be under another name");
  });
}

test("another column of a divided table changes its type", async () => {
  const from = await graphOf("create table hits (at date, date int) partition by range (date(at))");
  const to = await graphOf("create table hits (at date, date bigint) partition by range (date(at))");
  expect(planOperations(from, to, { server }).operations.map(({ kind }) => kind)).toEqual(["alterColumnType"]);
});
