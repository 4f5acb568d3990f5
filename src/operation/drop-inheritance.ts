/** dropInheritance: sets a table free from its parents; their columns stay as its own. Claimed by no diff: it comes first. */
import * as v from "valibot";
import { sameValue } from "../base/ordered.ts";
import { getObject } from "../model/graph.ts";
import { tableId } from "../model/kinds.ts";
import type { SchemaObject, Table } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { qualified } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, type Operation, operation } from "./define.ts";
import { freedNotNulls } from "./inherited-not-null.ts";
import { onTablePlace } from "./part.ts";
import { inWords, tablePlace, withMembers } from "./place.ts";

const payload = v.strictObject({ ...tablePlace, from: v.array(v.strictObject(onTablePlace)) });

type DropInheritance = v.InferOutput<typeof payload>;

export const dropInheritance = defineOperation<"dropInheritance", DropInheritance>({
  kind: "dropInheritance",
  family: "alter",
  product: false,
  summary: "set a table free from those it inherits from",
  base: "medium",
  reasons: [],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) =>
    `${inWords(op.schema, op.name)} from ${op.from.map((parent) => inWords(parent.schema, parent.table)).join(", ")}`,
  emit: (op) => {
    const table = qualified(op.schema, op.name);
    return [
      together(
        ...op.from.map((place) => {
          const parent = qualified(place.schema, place.table);
          return statement(`alter table ${table} no inherit ${parent}`, "access exclusive", [table]);
        }),
      ),
    ];
  },
  invert: (op) => ({
    reversible: true,
    operations: [operation("addInheritance", { schema: op.schema, name: op.name, from: op.from })],
    loses: "that columns and checks came from the parents alone: they stay declared",
  }),
  predict: (op, graph) => {
    const table = getObject(graph, "table", tableId(op.schema, op.name));
    if (table === undefined) return [];
    const left = (table.inherits ?? []).filter((parent) => !op.from.some((gone) => sameValue(gone, parent)));
    const holders = left.map(({ schema, table }) => ({ schema, table }));
    const freed = [...graph.objects.values()].filter(
      (part) =>
        (part.kind === "column" || part.kind === "check") &&
        part.inherited &&
        part.schema === op.schema &&
        part.table === op.name &&
        !holders.some((place) => has(graph.objects.values(), part, place)),
    );
    return [
      { put: withMembers(table, { inherits: left.length > 0 ? left : undefined }) },
      ...freed.map((part) => ({
        put: withMembers(part as SchemaObject & { inherited?: true }, { inherited: undefined }),
      })),
      ...freedNotNulls(freed),
    ];
  },
  risks: () => [finding("medium", undefined, "queries of the parents find its rows no more from then on")],
  examples: [
    {
      name: "from the only one",
      before: "create table animal (name text); create table cat (lives int) inherits (animal)",
      op: { schema: "public", name: "cat", from: [{ schema: "public", table: "animal" }] },
      after: "create table animal (name text); create table cat (name text, lives int)",
    },
    {
      name: "from the second of two, quoted names",
      before: `create table "A" (a int); create table "B" (b int); create table "C" (c int) inherits ("A", "B")`,
      op: { schema: "public", name: "C", from: [{ schema: "public", table: "B" }] },
      after: `create table "A" (a int); create table "B" (b int); create table "C" (b int, c int) inherits ("A")`,
    },
    {
      name: "with a check of the parent",
      before: "create table base (n int constraint positive check (n > 0)); create table part () inherits (base)",
      op: { schema: "public", name: "part", from: [{ schema: "public", table: "base" }] },
      after: `create table base (n int constraint positive check (n > 0));
        create table part (n int constraint positive check (n > 0))`,
    },
  ],
});

function has(
  objects: Iterable<SchemaObject>,
  part: { readonly kind: string; readonly name: string },
  place: { readonly schema: string; readonly table: string },
): boolean {
  for (const other of objects) {
    if ((other.kind !== "column" && other.kind !== "check") || other.kind !== part.kind) continue;
    if (other.name === part.name && other.schema === place.schema && other.table === place.table) return true;
  }
  return false;
}

/** The operation that takes some parents from a table. */
export function dropInheritanceOperation(table: Table, from: NonNullable<Table["inherits"]>): Operation {
  return operation("dropInheritance", { schema: table.schema, name: table.name, from });
}
