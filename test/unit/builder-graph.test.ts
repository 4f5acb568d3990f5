/** What a schema module becomes before Postgres sees it, and every mistake in one that is named. */
import { expect, test } from "bun:test";
import { isToolError } from "../../src/base/errors.ts";
import { emptyGraph } from "../../src/model/graph.ts";
import {
  belongsTo,
  bigint,
  check,
  defineEnum,
  defineExtension,
  defineModel,
  enumOf,
  type Field,
  foreignKey,
  graphOfModule,
  hasMany,
  hasOne,
  index,
  integer,
  name,
  policy,
  primaryKey,
  sql,
  text,
  unique,
} from "../../src/source/builder/index.ts";
import { snakeCase } from "../../src/source/builder/names.ts";

const id = integer().primaryKey();

/** What and why of the refusal of a module. */
function refusalOf(make: () => Readonly<Record<string, unknown>>): string {
  try {
    graphOfModule(make());
  } catch (error) {
    if (isToolError(error, "schema_module_failed")) return `${error.what}: ${error.why}`;
    throw error;
  }
  throw new Error("the module was accepted");
}

test("a model becomes its table, columns, keys, indexes and policies, named as Postgres would", () => {
  const Role = defineEnum("role", ["admin", "member"], { schema: "app" });
  const User = defineModel("users", {
    schema: "app",
    fields: {
      id: bigint().identity().primaryKey(),
      bossId: bigint(),
      role: enumOf(Role).notNull().default("member"),
      email: text("e-mail")
        .unique()
        .check(sql`length(${name("e-mail")}) > ${3}`)
        .comment("where to write"),
    },
    relations: { boss: belongsTo(() => User, { onDelete: "set null" }), staff: hasMany(() => User) },
    indexes: [
      index([sql`lower(${name("e-mail")})`, { key: "role", order: "desc", nulls: "last" }])
        .unique()
        .where(sql`true`),
    ],
    rls: "forced",
    policies: [policy("own", { for: "select", to: ["app"], using: sql`id = 1` })],
    comment: "who logs in",
  });
  const at = { schema: "app", table: "users" } as const;
  expect([...graphOfModule({ User, Role }).objects.values()]).toEqual([
    { kind: "check", ...at, name: "users_e-mail_check", expression: '(length("e-mail") > 3)' },
    { kind: "column", ...at, name: "e-mail", position: 4, type: "text", comment: "where to write" },
    { kind: "column", ...at, name: "boss_id", position: 2, type: "bigint" },
    {
      kind: "column",
      ...at,
      name: "id",
      position: 1,
      type: "bigint",
      notNull: true,
      identity: { generation: "always" },
    },
    {
      kind: "column",
      ...at,
      name: "role",
      position: 3,
      type: "app.role",
      notNull: true,
      default: "'member'",
      dependsOn: ["enum:app.role"],
    },
    { kind: "enum", schema: "app", name: "role", values: ["admin", "member"] },
    {
      kind: "foreignKey",
      ...at,
      name: "users_boss_id_fkey",
      columns: ["boss_id"],
      references: { ...at, columns: ["id"] },
      onDelete: "set null",
    },
    {
      kind: "index",
      ...at,
      name: "users_lower_role_idx",
      unique: true,
      definition: 'btree ((lower("e-mail")), role desc nulls last) where (true)',
      columns: ["role"],
    },
    { kind: "policy", ...at, name: "own", command: "select", roles: ["app"], using: "id = 1" },
    { kind: "primaryKey", ...at, name: "users_pkey", columns: ["id"] },
    { kind: "rowSecurity", ...at, enabled: true, forced: true },
    { kind: "schema", name: "app" },
    { kind: "schema", name: "public" },
    { kind: "table", schema: "app", name: "users", comment: "who logs in" },
    { kind: "unique", ...at, name: "users_e-mail_key", columns: ["e-mail"] },
  ]);
});

test("columns take the snake case of their keys", () => {
  const keys = ["createdAt", "userID", "HTTPCode", "already_snake", "address2", "line2Text", "äÖü", "x"];
  expect(keys.map(snakeCase)).toEqual([
    "created_at",
    "user_id",
    "http_code",
    "already_snake",
    "address2",
    "line2_text",
    "ä_öü",
    "x",
  ]);
});

test("modifiers leave the field they are called on alone", () => {
  const plain = text();
  plain.notNull().unique().default("x").comment("y").array();
  expect(graphOfModule({ T: defineModel("t", { fields: { plain } }) }).objects.get("column:public.t.plain")).toEqual({
    kind: "column",
    schema: "public",
    table: "t",
    name: "plain",
    position: 1,
    type: "text",
  });
});

test("values in raw SQL become literals, names and pieces stay SQL", () => {
  const values = ["it's", 1.5, 10n, true, null, name("odd name"), sql`a + ${1}`] as const;
  expect(values.map((value) => sql` ${value} `.text)).toEqual([
    "'it''s'",
    "1.5",
    "10",
    "true",
    "null",
    '"odd name"',
    "a + 1",
  ]);
  expect(sql`e'\n' || ${"\\"}`.text).toBe("e'\\n' || E'\\\\'");
  expect(sql`code ~ '^\d+\$' || '\`'`.text).toBe("code ~ '^\\d+$' || '`'");
});

test("models are found in arrays and objects, and what is no part of a schema is ignored", () => {
  const A = defineModel("a", { fields: { id } });
  const B = defineModel("b", { fields: { id } });
  const graph = graphOfModule({
    list: [A],
    nested: { deeper: { B } },
    version: 3,
    helper: () => B,
    when: new Date(0),
    A,
  });
  expect([...graph.objects.keys()]).toEqual([
    "column:public.a.id",
    "column:public.b.id",
    "primaryKey:public.a.a_pkey",
    "primaryKey:public.b.b_pkey",
    "schema:public",
    "table:public.a",
    "table:public.b",
  ]);
});

test("a module with nothing but an extension adds nothing but that", () => {
  const graph = graphOfModule({ C: defineExtension("citext", { schema: "ext" }) });
  expect([...graph.objects.values()]).toEqual([
    { kind: "extension", name: "citext", schema: "ext" },
    { kind: "schema", name: "ext" },
    ...emptyGraph.objects.values(),
  ]);
});

test("relations may name the other side, several fields, and fields that are not the primary key", () => {
  const A = defineModel("a", {
    fields: { x: integer(), y: integer(), z: integer().unique() },
    constraints: [primaryKey(["x", "y"])],
    relations: { bs: hasMany(() => B, { inverse: "first" }), one: hasOne(() => B, { inverse: "second" }) },
  });
  const B = defineModel("b", {
    fields: { p: integer(), q: integer(), r: integer() },
    relations: {
      first: belongsTo(() => A, { fields: ["p", "q"] }),
      second: belongsTo(() => A, { field: "r", references: "z", match: "full", deferrable: true }),
    },
    indexes: [index(["r"]).unique()],
    constraints: [foreignKey(["q", "p"], () => A, ["x", "y"], { name: "third", onUpdate: "no action" })],
  });
  const graph = graphOfModule({ A, B });
  expect(["b_p_q_fkey", "b_r_fkey", "third"].map((key) => graph.objects.get(`foreignKey:public.b.${key}`))).toEqual([
    {
      kind: "foreignKey",
      schema: "public",
      table: "b",
      name: "b_p_q_fkey",
      columns: ["p", "q"],
      references: { schema: "public", table: "a", columns: ["x", "y"] },
    },
    {
      kind: "foreignKey",
      schema: "public",
      table: "b",
      name: "b_r_fkey",
      columns: ["r"],
      references: { schema: "public", table: "a", columns: ["z"] },
      match: "full",
      deferrable: true,
    },
    {
      kind: "foreignKey",
      schema: "public",
      table: "b",
      name: "third",
      columns: ["q", "p"],
      references: { schema: "public", table: "a", columns: ["x", "y"] },
    },
  ]);
});

const Org = defineModel("orgs", { fields: { id } });
const Unkeyed = defineModel("unkeyed", { fields: { x: integer() } });
const Kind = defineEnum("kind", ["a", "b"]);
const loose = (field: unknown): Field => field as Field;

/** Each mistake with the sentence that names model and field. */
const mistakes: readonly (readonly [
  mistake: string,
  make: () => Readonly<Record<string, unknown>>,
  refusal: string,
])[] = [
  [
    "a field that is none",
    () => ({ T: defineModel("t", { fields: { a: loose("text") } }) }),
    "t.a is not valid: it is not a field: write text(), integer() and the like",
  ],
  [
    "two fields with one column",
    () => ({ T: defineModel("t", { schema: "s", fields: { userId: text(), user_id: text() } }) }),
    "s.t.user_id is not valid: its column user_id is the column of userId as well",
  ],
  [
    "a name Postgres would cut",
    () => ({ T: defineModel("t", { fields: { a: text("ü".repeat(32)) } }) }),
    "t.a is not valid: a name has 1 to 63 bytes",
  ],
  [
    "a table without a name",
    () => ({ T: defineModel("", { fields: {} }) }),
    "the table of model  is not valid: a name has 1 to 63 bytes",
  ],
  [
    "a default of another type",
    () => ({ T: defineModel("t", { fields: { a: loose(text().default(5 as never)) } }) }),
    "t.a is not valid: 5 cannot be the default of a text column",
  ],
  [
    "a default that is no value of the enum",
    () => ({ Kind, T: defineModel("t", { fields: { k: enumOf(Kind).default("c" as never) } }) }),
    't.k is not valid: "c" cannot be the default of a public.kind column: it is one of a, b',
  ],
  [
    "a default that is no array",
    () => ({ T: defineModel("t", { fields: { a: text().default("x").array() } }) }),
    't.a is not valid: "x" cannot be the default of a text[] column',
  ],
  [
    "a default and an identity",
    () => ({ T: defineModel("t", { fields: { a: integer().default(1).identity() } }) }),
    "t.a is not valid: it has a default and an identity: a column takes its values from one",
  ],
  [
    "plain text for an expression",
    () => ({ T: defineModel("t", { fields: { a: text().generatedAs("b" as never) } }) }),
    "t.a is not valid: an expression is missing or is plain text",
  ],
  [
    "an empty expression",
    () => ({ T: defineModel("t", { fields: { a: text() }, constraints: [check("c", sql``)] }) }),
    "check c of t is not valid: an expression is empty",
  ],
  [
    "two primary keys",
    () => ({ T: defineModel("t", { fields: { a: id, b: id } }) }),
    "the primary key of t is not valid: a and b are each marked as the primary key",
  ],
  [
    "a primary key twice over",
    () => ({ T: defineModel("t", { fields: { a: id }, constraints: [primaryKey(["a"])] }) }),
    "the primary key of t is not valid: it is declared more than once",
  ],
  [
    "an index on a field that is not there",
    () => ({ T: defineModel("t", { fields: { a: text() }, indexes: [index(["b"]) as never] }) }),
    'index (b) of t is not valid: t has no field "b"; its fields are a',
  ],
  [
    "a key of no fields",
    () => ({ T: defineModel("t", { fields: { a: text() }, constraints: [unique([])] }) }),
    "unique () of t is not valid: it names no field",
  ],
  [
    "two models of one table",
    () => ({ A: defineModel("t", { fields: {} }), B: defineModel("t", { fields: {} }) }),
    "model t is not valid: table:public.t is declared by model t as well",
  ],
  [
    "two indexes of one name",
    () => ({
      T: defineModel("t", { fields: { a: text() }, indexes: [index(["a"]).named("i"), index(["a"]).named("i")] }),
    }),
    "index i of t is not valid: index:public.i is declared by index i of t as well",
  ],
  [
    "an enum that is not exported",
    () => ({ T: defineModel("t", { fields: { k: enumOf(Kind) } }) }),
    "t.k is not valid: its enum kind is not exported by the module",
  ],
  [
    "an enum with a value twice",
    () => ({ E: defineEnum("e", ["x", "x"]) }),
    'enum e is not valid: the value "x" is there twice',
  ],
  [
    "a relation without its field",
    () => ({ Org, T: defineModel("t", { fields: { id }, relations: { org: belongsTo(() => Org) } }) }),
    "t.org is not valid: it names no field, and there is no field orgId",
  ],
  [
    "a relation to nothing",
    () => ({ T: defineModel("t", { fields: { orgId: id }, relations: { org: belongsTo(() => undefined) } }) }),
    "t.org is not valid: it leads to nothing instead of a model",
  ],
  [
    "a relation to a model that is not exported",
    () => ({ T: defineModel("t", { fields: { orgId: id }, relations: { org: belongsTo(() => Org) } }) }),
    "t.org is not valid: it leads to orgs, which the module does not export",
  ],
  [
    "a relation to a model without a key",
    () => ({ Unkeyed, T: defineModel("t", { fields: { uId: id }, relations: { u: belongsTo(() => Unkeyed) } }) }),
    "t.u is not valid: unkeyed has no primary key to refer to",
  ],
  [
    "fewer fields than it refers to",
    () => ({
      Org,
      T: defineModel("t", {
        fields: { a: id, b: text() },
        relations: { o: belongsTo(() => Org, { fields: ["a", "b"] }) },
      }),
    }),
    "t.o is not valid: it names 2 of its own fields for 1 of orgs",
  ],
  [
    "hasMany without the other side",
    () => ({ Org, T: defineModel("t", { fields: { id }, relations: { orgs: hasMany(() => Org) } }) }),
    "t.orgs is not valid: orgs has no belongsTo that leads to t",
  ],
  [
    "hasMany with two other sides",
    () => {
      const A = defineModel("a", { fields: { id }, relations: { bs: hasMany(() => B) } });
      const B = defineModel("b", {
        fields: { xId: integer(), yId: integer() },
        relations: { x: belongsTo(() => A), y: belongsTo(() => A) },
      });
      return { A, B };
    },
    "a.bs is not valid: b belongs to a more than once: x, y",
  ],
  [
    "hasOne where there may be many",
    () => {
      const A = defineModel("a", { fields: { id }, relations: { b: hasOne(() => B) } });
      const B = defineModel("b", { fields: { aId: integer() }, relations: { a: belongsTo(() => A) } });
      return { A, B };
    },
    "a.b is not valid: it says one, and nothing makes b.aId unique",
  ],
  [
    "a module without a schema",
    () => ({ version: 1, make: defineModel }),
    "the schema module is not valid: it exports no model, enum, extension or SQL",
  ],
];

for (const [mistake, make, refusal] of mistakes) {
  test(`${mistake} is refused by name`, () => expect(refusalOf(make)).toBe(refusal));
}
