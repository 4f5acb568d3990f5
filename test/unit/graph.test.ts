// The graph as a value: its order, its lookups, and what edits do to it.
import { describe, expect, test } from "bun:test";
import { diffGraphs } from "../../src/diff/graph-diff.ts";
import {
  areaOf,
  childrenByParent,
  columnsOfTable,
  dependentsById,
  draftGraph,
  editGraph,
  emptyGraph,
  getObject,
  makeGraph,
  objectsOfKind,
} from "../../src/model/graph.ts";
import { graphHash } from "../../src/model/json.ts";
import { columnId, kindOfId, makeId, nameOfId, objectId, referencesOf, tableId } from "../../src/model/kinds.ts";
import { graphSize } from "../../src/model/lined-graph.ts";
import type { Column, SchemaObject } from "../../src/model/object.ts";

function column(table: string, name: string, position: number, more: Partial<Column> = {}): Column {
  return { kind: "column", schema: "public", table, name, position, type: "integer", ...more };
}

const schema: SchemaObject = { kind: "schema", name: "public" };
const users: SchemaObject = { kind: "table", schema: "public", name: "users" };
const posts: SchemaObject = { kind: "table", schema: "public", name: "posts" };
const key: SchemaObject = { kind: "primaryKey", schema: "public", table: "users", name: "users_pkey", columns: ["id"] };
const byAuthor: SchemaObject = {
  kind: "foreignKey",
  schema: "public",
  table: "posts",
  name: "posts_author_fkey",
  columns: ["author"],
  references: { schema: "public", table: "users", columns: ["id"] },
};
const numbers: SchemaObject = {
  kind: "sequence",
  schema: "public",
  name: "numbers",
  type: "bigint",
  ownedBy: { table: "users", column: "id" },
};
const parts: readonly SchemaObject[] = [
  users,
  column("users", "id", 1),
  column("users", "email", 2),
  column("users", "age", 3),
  key,
  numbers,
  posts,
  column("posts", "id", 1),
  column("posts", "author", 2),
  byAuthor,
];
const graph = makeGraph([schema, ...parts]);

function ids(objects: Iterable<string>): string[] {
  return [...objects];
}

describe("a graph", () => {
  test("is in the order of ids, however it came together", () => {
    const sorted = ids(graph.objects.keys());
    expect(sorted).toEqual([...sorted].sort());
    expect(ids(makeGraph([...[...parts].reverse(), schema]).objects.keys())).toEqual(sorted);
    expect(graphHash(makeGraph([...[...parts].reverse(), schema]))).toBe(graphHash(graph));
  });

  test("takes the later of two objects with the same id", () => {
    const later = makeGraph([...parts, { ...users, comment: "later" }]);
    expect(getObject(later, "table", tableId("public", "users"))?.comment).toBe("later");
    expect(later.objects.size).toBe(parts.length);
  });

  test("knows parts, dependents and columns", () => {
    expect(childrenByParent(graph).get(tableId("public", "posts"))?.map(objectId)).toEqual([
      "column:public.posts.author",
      "column:public.posts.id",
      "foreignKey:public.posts.posts_author_fkey",
    ]);
    expect(dependentsById(graph).get(columnId("public", "users", "id"))).toEqual([
      "foreignKey:public.posts.posts_author_fkey",
      "primaryKey:public.users.users_pkey",
    ]);
    expect(columnsOfTable(graph, "public", "users").map(({ name }) => name)).toEqual(["id", "email", "age"]);
    expect(objectsOfKind(graph, "table").map(({ name }) => name)).toEqual(["posts", "users"]);
    expect(getObject(graph, "column", tableId("public", "users"))).toBeUndefined();
    expect(graphSize(graph)).toEqual({ models: 2, relations: 1 });
    expect(graphSize(emptyGraph)).toEqual({ models: 0, relations: 0 });
  });

  test("has the same hash whatever its objects refer to through expressions", () => {
    const other = makeGraph([
      schema,
      ...parts.map((part) => ({ ...part, dependsOn: ["schema:public"] }) as SchemaObject),
    ]);
    expect(graphHash(other)).toBe(graphHash(graph));
    expect(diffGraphs(graph, other)).toEqual([]);
  });
});

describe("ids", () => {
  test("are unambiguous for any name", () => {
    const odd = { kind: "column", schema: "a.b", table: 'c"d', name: "e f", type: "text" } as const;
    expect(objectId(odd)).toBe('column:"a.b"."c""d"."e f"');
    expect(objectId(odd)).not.toBe(makeId("column", "a", "b", 'c"d', "e f"));
    expect(kindOfId(objectId(odd))).toBe("column");
    expect(nameOfId(objectId(odd))).toBe('"a.b"."c""d"."e f"');
  });

  test("of what an object refers to name its parent, its columns and the other side", () => {
    expect(referencesOf(byAuthor)).toEqual([
      "table:public.posts",
      "column:public.posts.author",
      "table:public.users",
      "column:public.users.id",
    ]);
  });

  test("are apart from areas: a table and all of its parts are one", () => {
    expect(new Set([users, key, column("users", "id", 1)].map(areaOf)).size).toBe(1);
    expect(areaOf(byAuthor)).toBe(areaOf(posts));
    expect(areaOf(users)).not.toBe(areaOf(posts));
    expect(areaOf(schema)).not.toBe(areaOf(users));
  });
});

describe("edits", () => {
  test("of a dropped table take its parts and the sequences given to them along, and nothing else", () => {
    const left = editGraph(graph, [{ drop: tableId("public", "users") }]);
    expect(ids(left.objects.keys())).toEqual([
      "column:public.posts.author",
      "column:public.posts.id",
      "foreignKey:public.posts.posts_author_fkey",
      "schema:public",
      "table:public.posts",
    ]);
  });

  test("of columns keep their positions dense, and a new one comes last", () => {
    const after = editGraph(graph, [
      { drop: columnId("public", "users", "email") },
      { put: { ...column("users", "login", 0), position: undefined } as unknown as SchemaObject },
    ]);
    expect(columnsOfTable(after, "public", "users").map(({ name, position }) => [name, position])).toEqual([
      ["id", 1],
      ["age", 2],
      ["login", 3],
    ]);
    expect(columnsOfTable(graph, "public", "users")).toHaveLength(3);
  });

  test("under another id move an object", () => {
    const moved = editGraph(graph, [
      { put: { ...key, name: "users_key" }, at: makeId("primaryKey", "public", "users", "users_pkey") },
    ]);
    expect(diffGraphs(graph, moved).map(({ type, id }) => `${type} ${id}`)).toEqual([
      "drop primaryKey:public.users.users_pkey",
      "create primaryKey:public.users.users_key",
    ]);
  });

  test("leave the graph they start from alone, also while they are made one by one", () => {
    const before = graphHash(graph);
    const draft = draftGraph(graph);
    draft.edit([{ drop: tableId("public", "posts") }]);
    expect(draft.current.objects.has(tableId("public", "posts"))).toBe(false);
    draft.edit([{ put: { ...posts, comment: "again" } }]);
    expect(draft.graph().objects.get(tableId("public", "posts"))).toEqual({ ...posts, comment: "again" });
    expect(graphHash(graph)).toBe(before);
    expect(graph.objects.has(tableId("public", "posts"))).toBe(true);
  });
});

describe("a comparison", () => {
  test("names what was made, what is gone and which attributes differ, and not the place of a column", () => {
    const other = makeGraph([
      schema,
      { ...users, comment: "people" },
      column("users", "id", 3, { notNull: true, default: "1" }),
      { kind: "enum", schema: "public", name: "mood", values: [] },
    ]);
    const start = makeGraph([schema, users, column("users", "id", 1), key]);
    expect(
      diffGraphs(start, other).map((change) =>
        change.type === "alter" ? `alter ${change.id} ${change.attributes.join()}` : `${change.type} ${change.id}`,
      ),
    ).toEqual([
      "alter column:public.users.id default,notNull",
      "drop primaryKey:public.users.users_pkey",
      "alter table:public.users comment",
      "create enum:public.mood",
    ]);
    expect(diffGraphs(start, start)).toEqual([]);
  });
});
