/**
 * What the TypeScript compiler refuses in a schema module before it is run. The expectations are the comments: the check of
 * types fails when one of the lines below them compiles.
 */
import { expect, test } from "bun:test";
import {
  belongsTo,
  bigint,
  boolean,
  defineEnum,
  defineModel,
  enumOf,
  foreignKey,
  index,
  integer,
  jsonb,
  primaryKey,
  sql,
  text,
  timestamptz,
  unique,
} from "../../src/source/builder/index.ts";

const Role = defineEnum("role", ["admin", "member"]);
const fields = { id: integer(), name: text() };

test("keys of fields are checked where indexes, constraints and relations name them", () => {
  const models = [
    // @ts-expect-error there is no field nmae
    defineModel("t", { fields, indexes: [index(["nmae"])] }),
    // @ts-expect-error nor here
    defineModel("t", { fields, indexes: [index([sql`lower(name)`, { key: "nmae", order: "desc" }])] }),
    // @ts-expect-error nor among the included columns
    defineModel("t", { fields, indexes: [index(["id"]).unique().include(["nmae"])] }),
    // @ts-expect-error nor in a constraint
    defineModel("t", { fields, constraints: [unique(["id", "nmae"])] }),
    // @ts-expect-error nor in a primary key
    defineModel("t", { fields, constraints: [primaryKey(["nmae"])] }),
    // @ts-expect-error nor in a foreign key
    defineModel("t", { fields, constraints: [foreignKey(["nmae"], () => models)] }),
    // @ts-expect-error nor in a relation
    defineModel("t", { fields, relations: { other: belongsTo(() => models, { field: "nmae" }) } }),
  ];
  expect(models).toHaveLength(7);
});

test("a default fits the type of its field", () => {
  const wrong = [
    // @ts-expect-error not a value of the enum
    enumOf(Role).default("owner"),
    // @ts-expect-error not a number
    integer().default("1"),
    // @ts-expect-error not a boolean
    boolean().default("yes"),
    // @ts-expect-error not an array
    text().array().default("x"),
    // @ts-expect-error not an array of texts
    text().array().default([1]),
    // @ts-expect-error SQL is written as sql`…`
    timestamptz().default(sql),
  ];
  const right = [
    enumOf(Role).default("admin"),
    enumOf(Role).array().default(["admin"]),
    bigint().default(1n),
    jsonb().default({ list: [1, { deep: null }] }),
    timestamptz().default(new Date(0)),
    timestamptz().default(sql`now()`),
  ];
  expect([wrong.length, right.length]).toEqual([6, 6]);
});

test("models that refer to each other keep the types of their fields", () => {
  const Author = defineModel("authors", {
    fields: { id: integer(), role: enumOf(Role) },
    relations: { book: belongsTo(() => Book, { field: "id" }), self: belongsTo(() => Author, { field: "id" }) },
  });
  const Book = defineModel("books", {
    fields: { id: integer(), authorId: integer() },
    relations: { author: belongsTo(() => Author) },
  });
  const keys: readonly ("id" | "authorId")[] = Object.keys(Book.fields) as (keyof typeof Book.fields)[];
  Author.fields.role.default("admin");
  expect(keys).toEqual(["id", "authorId"]);
});
