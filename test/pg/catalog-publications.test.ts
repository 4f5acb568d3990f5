// Publications: what they publish that is no part of the graph is named, and the tool's own tables are left out.
import { expect, test } from "bun:test";
import { withSchemaBench } from "../support/graph-of-sql.ts";

const bench = await withSchemaBench();

test("a table that is not modelled is named, and the others are read", async () => {
  const graph =
    await bench.graphOf(`create type shape as (a int); create table typed of shape; create table plain (a int);
    create publication news for table typed, plain with (publish = 'insert')`);
  expect(graph.objects.get("publication:news")).toEqual({
    kind: "publication",
    name: "news",
    tables: [{ schema: "public", table: "plain" }],
    publish: ["insert"],
  });
  expect(graph.unmodelled).toContainEqual({
    kind: "table of publication that is not modelled",
    name: "a table of news",
  });
});

test("the tool's own tables and what it set aside are not named", async () => {
  const graph = await bench.graphOf(`create table _zanith_migrations (a int); create table _zanith_dropped_x (a int);
    create publication news for table _zanith_migrations, _zanith_dropped_x`);
  expect(graph.objects.get("publication:news")).toEqual({ kind: "publication", name: "news" });
  expect(graph.unmodelled).toEqual([]);
});
