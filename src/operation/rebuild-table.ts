/**
 * rebuildTable: a table copied into a new one with other columns (types, order) while it is in use; the new one takes its
 * place in a short transaction and the old one is kept. Asked for by name: a diff changes types one by one.
 */

import { columnsOfTable, editGraph, type GraphEdit, getObject, type SchemaGraph } from "../model/graph.ts";
import { objectId, tableId, withoutDefault } from "../model/kinds.ts";
import { type Finding, finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { parkedName } from "../sql/artifact.ts";
import { qualified } from "../sql/identifier.ts";
import { defineOperation, type Inversion, type Operation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { rebuildTableExamples } from "./rebuild-table-examples.ts";
import { type RebuildTable, rebuildTablePayload, rebuiltTable } from "./rebuild-table-payload.ts";
import { objectsOfTable, partNamesOf } from "./set-aside-table.ts";
import { rebuildSegments } from "./sql/rebuild.ts";

export const rebuildTable = defineOperation<"rebuildTable", RebuildTable>({
  kind: "rebuildTable",
  family: "recovery & advanced",
  product: true,
  summary: "copy a table into a new one while it is in use, and swap them",
  base: "high",
  reasons: ["rebuilds_table"],
  payload: rebuildTablePayload,
  on: [],
  claims: () => undefined,
  describe: ({ table }) => inWords(table.schema, table.name),
  emit: rebuildSegments,
  invert: inverse,
  restores: restored,
  // What refers to it is as it was afterwards, and meanwhile not validated: named so that it is no drift then.
  predict: ({ columns, parts, referring }): readonly GraphEdit[] => [
    ...columns.map(({ column }, at) => ({ put: { ...column, position: at + 1 } })),
    ...[...parts, ...referring].map((put) => ({ put })),
  ],
  risks: risksOf,
  examples: rebuildTableExamples,
});

/** The way back is another rebuild: the table that was kept lacks what was written since. */
function inverse(op: RebuildTable, before: SchemaGraph): Inversion {
  const { schema, name } = op.table;
  const table = getObject(before, "table", tableId(schema, name));
  if (table === undefined) return { reversible: false, why: "what it was like before is not known" };
  const after = editGraph(before, rebuildTable.predict(operation("rebuildTable", op), before));
  const columns = columnsOfTable(before, schema, name);
  const tags = { id: op.supersedes, supersedes: op.id };
  return {
    reversible: true,
    operations: [
      rebuildTableOperation(rebuiltTable(after, table, columns, tags, (part) => before.objects.get(objectId(part)))),
    ],
    loses: "what the old types cannot hold: the copy stops at such a row",
  };
}

/** The old table as it was kept: without the foreign keys and sequences that went over to the new one. */
function restored(op: RebuildTable, before: SchemaGraph): readonly Operation[] {
  const { schema, name } = op.table;
  const moved = new Set(op.sequences.map(({ column }) => column));
  const objects = objectsOfTable(before, { schema, name })
    .filter(({ kind }) => kind !== "foreignKey" && kind !== "sequence")
    .map((object) => (object.kind === "column" && moved.has(object.name) ? withoutDefault(object) : object));
  return [operation("restoreTable", { schema, name, id: op.id, from: "soft", ...partNamesOf(objects), objects })];
}

function risksOf(op: RebuildTable, facts: Parameters<typeof sizedFinding>[0]): Finding[] {
  const { table, id } = op;
  const kept = qualified(table.schema, parkedName(table.name, id));
  const place = { schema: table.schema, table: table.name };
  return [
    sizedFinding(
      facts,
      place,
      "high",
      "rebuilds_table",
      "copied in batches while reads and writes go on, each write being made twice; takes as much space again",
    ),
    finding(
      "medium",
      "rebuilds_table",
      `the swap locks ${["it", ...op.referring.map((key) => inWords(key.schema, key.table))].join(", ")} for a moment; what had ${inWords(table.schema, table.name)} prepared or cached reads it anew`,
    ),
    finding("low", "rebuilds_table", `the old table stays as ${kept} until it is purged`),
  ];
}

/** The operation of a payload. */
export function rebuildTableOperation(payload: RebuildTable) {
  return operation("rebuildTable", payload);
}
