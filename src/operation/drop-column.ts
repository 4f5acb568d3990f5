/** dropColumn: a column and its values. What uses the column is dropped by operations of its own before. */
import * as v from "valibot";
import { getObject, type SchemaGraph } from "../model/graph.ts";
import { objectId } from "../model/kinds.ts";
import type { Sequence } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { refuseInPartitionKey } from "./partition-key.ts";
import {
  columnIdOf,
  columnInWords,
  columnPlace,
  onFreshTable,
  placeOf,
  tableIdOf,
  tableOf,
  withMembers,
} from "./place.ts";
import { aroundOwner, ownedSequences } from "./remake.ts";
import { keepColumn } from "./set-aside-column.ts";
import { notNullIdOf, notNullIn } from "./sql/not-null-constraint.ts";

const payload = v.strictObject(columnPlace);

type DropColumn = v.InferOutput<typeof payload>;

export const dropColumn = defineOperation<"dropColumn", DropColumn>({
  kind: "dropColumn",
  family: "drop",
  product: true,
  summary: "drop a column and its values",
  base: "destructive",
  reasons: ["drops_column_with_data"],
  payload,
  on: ["drop column"],
  claims: (change, { before, after }) => {
    if (change.type !== "drop" || change.before.kind !== "column") return undefined;
    if (after.objects.has(tableIdOf(change.before))) refuseInPartitionKey(before, change.before, "drop");
    return placeOf(change.before);
  },
  absorbs: (op, change) => change.type === "drop" && change.id === notNullIdOf(op),
  describe: columnInWords,
  emit: (op) => [
    together(
      statement(`alter table ${tableOf(op)} drop column ${quoteIdent(op.name)}`, "access exclusive", [tableOf(op)]),
    ),
  ],
  invert: (op, before) => {
    const column = getObject(before, "column", columnIdOf(op));
    if (column === undefined) return { reversible: false, why: "what it was like before is not known" };
    const sequences = sequencesOf(op, before);
    const { generated, identity, notNull } = column;
    const add = operation(generated === undefined ? "addColumn" : "addGeneratedColumn", {
      column: withMembers(column, { position: undefined }),
    });
    const constraint = notNullIn(before, op);
    const operations = aroundOwner(sequences, [
      add,
      ...(constraint === undefined ? [] : [operation("setNotNullConstraint", { ...placeOf(op), to: constraint })]),
    ]);
    if (generated !== undefined) return { reversible: true, operations };
    const required = notNull && column.default === undefined && identity === undefined;
    const refused = required ? ", and a table with rows refuses it: it is NOT NULL without a default" : "";
    return { reversible: true, operations, loses: `its values${refused}` };
  },
  predict: (op, graph) => [
    { drop: columnIdOf(op) },
    ...(graph.objects.has(notNullIdOf(op)) ? [{ drop: notNullIdOf(op) }] : []),
    ...sequencesOf(op, graph).map((sequence) => ({ drop: objectId(sequence) })),
  ],
  keeping: keepColumn,
  risks: (op, facts) =>
    onFreshTable(op, facts)
      ? [finding("safe", undefined, "the table is made in the same migration")]
      : [
          sizedFinding(
            facts,
            op,
            "destructive",
            "drops_column_with_data",
            "its values are gone, and readers and writers that name it fail from then on",
          ),
        ],
  examples: [
    {
      name: "plain",
      before: "create table users (id int, legacy_code text not null default 'x')",
      op: { schema: "public", table: "users", name: "legacy_code" },
      after: "create table users (id int)",
    },
    {
      name: "identity and comment, quoted names",
      before: `create table "User" ("No." int generated always as identity, name text); comment on column "User"."No." is 'number'`,
      op: { schema: "public", table: "User", name: "No." },
      after: 'create table "User" (name text)',
    },
    {
      name: "generated",
      before: "create table lines (price int, qty int, total int generated always as (price * qty) stored)",
      op: { schema: "public", table: "lines", name: "total" },
      after: "create table lines (price int, qty int)",
    },
    {
      name: "with the sequence it owns",
      before: "create table users (id serial, name text)",
      op: { schema: "public", table: "users", name: "id" },
      after: "create table users (name text)",
    },
  ],
});

/** Sequences that were given to the column: they go along with it. */
function sequencesOf(op: DropColumn, graph: SchemaGraph): Sequence[] {
  return ownedSequences(graph, new Set([columnIdOf(op)]));
}
