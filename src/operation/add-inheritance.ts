/** addInheritance: makes a table inherit from others, whose columns and checks it has already. */
import * as v from "valibot";
import { getObject } from "../model/graph.ts";
import { tableId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { qualified } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { mergedNotNulls } from "./inherited-not-null.ts";
import { onTablePlace } from "./part.ts";
import { inWords, tablePlace, withMembers } from "./place.ts";

const payload = v.strictObject({ ...tablePlace, from: v.array(v.strictObject(onTablePlace)) });

type AddInheritance = v.InferOutput<typeof payload>;

export const addInheritance = defineOperation<"addInheritance", AddInheritance>({
  kind: "addInheritance",
  family: "alter",
  product: false,
  summary: "make a table inherit from others",
  base: "medium",
  reasons: [],
  payload,
  on: ["alter table.inherits"],
  closing: true,
  absorbs: (op, change) =>
    change.type === "drop" &&
    change.before.kind === "notNull" &&
    change.before.schema === op.schema &&
    change.before.table === op.name,
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "table" || change.after.kind !== "table") return undefined;
    const old = change.before.inherits ?? [];
    const { schema, name, inherits = [] } = change.after;
    return { schema, name, from: inherits.slice(old.length) };
  },
  describe: (op) =>
    `${inWords(op.schema, op.name)} from ${op.from.map((parent) => inWords(parent.schema, parent.table)).join(", ")}`,
  emit: (op) => {
    const table = qualified(op.schema, op.name);
    return [
      together(
        ...op.from.flatMap((place) => {
          const parent = qualified(place.schema, place.table);
          return [
            statement(`lock table only ${parent} in share update exclusive mode`, "share update exclusive", [parent]),
            statement(`alter table ${table} inherit ${parent}`, "access exclusive", [table]),
          ];
        }),
      ),
    ];
  },
  invert: (op) => ({
    reversible: true,
    operations: [operation("dropInheritance", { schema: op.schema, name: op.name, from: op.from })],
  }),
  predict: (op, graph) => {
    const table = getObject(graph, "table", tableId(op.schema, op.name));
    return table === undefined
      ? []
      : [
          { put: withMembers(table, { inherits: [...(table.inherits ?? []), ...op.from] }) },
          ...op.from.flatMap((parent) => mergedNotNulls(graph, op, parent)),
        ];
  },
  risks: () => [finding("medium", undefined, "queries of the parents find its rows from then on")],
  examples: [
    {
      name: "from one",
      before: "create table animal (name text); create table cat (name text, lives int)",
      op: { schema: "public", name: "cat", from: [{ schema: "public", table: "animal" }] },
      after: "create table animal (name text); create table cat (name text, lives int); alter table cat inherit animal",
    },
    {
      name: "from two, quoted names",
      before: `create table "A" (a int); create table "B" (b int); create table "C" (a int, b int, c int)`,
      op: {
        schema: "public",
        name: "C",
        from: [
          { schema: "public", table: "B" },
          { schema: "public", table: "A" },
        ],
      },
      after: `create table "A" (a int); create table "B" (b int); create table "C" (a int, b int, c int);
        alter table "C" inherit "B"; alter table "C" inherit "A"`,
    },
    {
      name: "with a check of the parent, in another schema",
      before: `create schema app; create table app.base (n int constraint positive check (n > 0));
        create table part (n int constraint positive check (n > 0))`,
      op: { schema: "public", name: "part", from: [{ schema: "app", table: "base" }] },
      after: `create schema app; create table app.base (n int constraint positive check (n > 0));
        create table part (n int constraint positive check (n > 0)); alter table part inherit app.base`,
    },
  ],
});
