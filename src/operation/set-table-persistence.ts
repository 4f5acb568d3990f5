/** setTablePersistence: LOGGED or UNLOGGED. Either way Postgres writes the table anew under ACCESS EXCLUSIVE. */
import * as v from "valibot";
import { objectsOfKind, type SchemaGraph } from "../model/graph.ts";
import { type ObjectId, tableId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { rewriteFinding } from "../risk/size.ts";
import { qualified } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { editTable, inWords, tablePlace } from "./place.ts";

const payload = v.strictObject({ ...tablePlace, unlogged: v.boolean() });

type SetTablePersistence = v.InferOutput<typeof payload>;

export const setTablePersistence = defineOperation<"setTablePersistence", SetTablePersistence>({
  kind: "setTablePersistence",
  family: "alter",
  product: false,
  summary: "make a table logged or unlogged",
  base: "high",
  reasons: ["rebuilds_table"],
  payload,
  on: ["alter table.unlogged"],
  claims: (change) =>
    change.type === "alter" && change.after.kind === "table"
      ? { schema: change.after.schema, name: change.after.name, unlogged: change.after.unlogged === true }
      : undefined,
  follows: otherEnds,
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => {
    const name = qualified(op.schema, op.name);
    const sql = `alter table ${name} set ${op.unlogged ? "unlogged" : "logged"}`;
    return [together(statement(sql, "access exclusive", [name], "rewrite"))];
  },
  invert: (op) => ({
    reversible: true,
    operations: [operation("setTablePersistence", { schema: op.schema, name: op.name, unlogged: !op.unlogged })],
  }),
  predict: (op, graph) => editTable(graph, op, { unlogged: op.unlogged ? true : undefined }),
  risks: (op, facts) => {
    if (facts.isFresh(tableId(op.schema, op.name))) {
      return [finding("safe", undefined, "the table is made in the same migration")];
    }
    const place = { schema: op.schema, table: op.name };
    const rewrite = "the table is written anew under a lock that stops reads and writes";
    const unlogged = finding("high", undefined, "an unlogged table is empty after a crash and on every standby");
    return [rewriteFinding(facts, place, "high", rewrite), ...(op.unlogged ? [unlogged] : [])];
  },
  examples: [
    {
      name: "to unlogged",
      before: "create table cache (id int primary key)",
      op: { schema: "public", name: "cache", unlogged: true },
      after: "create unlogged table cache (id int primary key)",
    },
    {
      name: "to logged",
      before: "create unlogged table cache (id int primary key)",
      op: { schema: "public", name: "cache", unlogged: false },
      after: "create table cache (id int primary key)",
    },
    {
      name: "with identity and quoted names",
      before: 'create schema "App"; create table "App"."Hit Count" (id int generated always as identity, n int)',
      op: { schema: "App", name: "Hit Count", unlogged: true },
      after:
        'create schema "App"; create unlogged table "App"."Hit Count" (id int generated always as identity, n int)',
    },
  ],
});

/** What a logged table refers to has to be logged: whoever refers to a table ends that first, and begins it last. */
function otherEnds(op: SetTablePersistence, before: SchemaGraph): ObjectId[] {
  const own = tableId(op.schema, op.name);
  const found: ObjectId[] = [];
  for (const { schema, table, references } of objectsOfKind(before, "foreignKey")) {
    const [from, to] = [tableId(schema, table), tableId(references.schema, references.table)];
    if (op.unlogged && to === own) found.push(from);
    if (!op.unlogged && from === own) found.push(to);
  }
  return found.filter((id) => id !== own);
}
