/** restoreTable: a table that was archived or renamed out of the way, back under its name (or another) with all of its parts. */
import * as v from "valibot";
import { editGraph, makeGraph, type SchemaGraph } from "../model/graph.ts";
import type { SchemaObject } from "../model/object.ts";
import { renameEdits } from "../model/rename.ts";
import { finding } from "../risk/levels.ts";
import { type ArtifactMark, archiveSchema, parkedName } from "../sql/artifact.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { type Segment, statement } from "../sql/statement.ts";
import { alsoMember } from "./also.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, tablePlace } from "./place.ts";
import { partNamesOf, renameParts } from "./set-aside-table.ts";
import { checksumQuery } from "./sql/checksum.ts";
import { partNames, setAsideMembers } from "./sql/set-aside.ts";

const payload = v.strictObject({
  /** the table as it was called */
  ...tablePlace,
  id: setAsideMembers.id,
  from: v.picklist(["archive", "soft"]),
  /** another name to come back under; its indexes and sequences then keep the names they have where they are */
  as: v.optional(tablePlace.name),
  /** indexes and sequences that get their names back */
  ...partNames,
  /** what comes back, as far as it is known */
  objects: alsoMember,
});

type RestoreTable = v.InferOutput<typeof payload>;

export const restoreTable = defineOperation<"restoreTable", RestoreTable>({
  kind: "restoreTable",
  family: "recovery & advanced",
  product: false,
  summary: "bring a table back that was archived or renamed out of the way",
  base: "low",
  reasons: [],
  payload,
  on: [],
  commanded: true,
  claims: () => undefined,
  describe: (op) => inWords(op.schema, op.as ?? op.name),
  emit: segmentsOf,
  invert: (op) => ({
    reversible: true,
    operations: [
      operation(op.from === "archive" ? "archiveTable" : "softDropTable", {
        schema: op.schema,
        name: op.as ?? op.name,
        id: op.id,
        ...partNamesOf(objectsOf(op)),
      }),
    ],
  }),
  predict: (op) => objectsOf(op).map((put) => ({ put })),
  risks: () => [finding("low", undefined, "nobody uses a table that is not there; nothing is copied")],
  examples: [
    {
      name: "from the archive",
      before: `create schema _zanith_shadow; create table _zanith_shadow._zanith_dropped_sessions_0a1b2c3d
        (id int constraint sessions_id_not_null not null constraint _zanith_dropped_sessions_pkey_0a1b2c3d primary key)`,
      op: {
        schema: "public",
        name: "sessions",
        id: "0a1b2c3d",
        from: "archive",
        indexes: ["sessions_pkey"],
        objects: [
          { kind: "table", schema: "public", name: "sessions" },
          {
            kind: "column",
            schema: "public",
            table: "sessions",
            name: "id",
            position: 1,
            type: "integer",
            notNull: true,
          },
          { kind: "primaryKey", schema: "public", table: "sessions", name: "sessions_pkey", columns: ["id"] },
        ],
      },
      after: "create table sessions (id int primary key)",
      notFromDiff: true,
    },
    {
      name: "renamed back",
      before: "create table _zanith_dropped_sessions_0a1b2c3d (id int)",
      op: {
        schema: "public",
        name: "sessions",
        id: "0a1b2c3d",
        from: "soft",
        objects: [
          { kind: "table", schema: "public", name: "sessions" },
          { kind: "column", schema: "public", table: "sessions", name: "id", position: 1, type: "integer" },
        ],
      },
      after: "create table sessions (id int)",
      notFromDiff: true,
    },
    {
      name: "from the archive under another name",
      before: `create table sessions (id int); create schema _zanith_shadow;
        create table _zanith_shadow._zanith_dropped_sessions_0a1b2c3d (id int)`,
      op: {
        schema: "public",
        name: "sessions",
        id: "0a1b2c3d",
        from: "archive",
        as: "Old Sessions",
        objects: [
          { kind: "table", schema: "public", name: "sessions" },
          { kind: "column", schema: "public", table: "sessions", name: "id", position: 1, type: "integer" },
        ],
      },
      after: 'create table sessions (id int); create table "Old Sessions" (id int)',
      notFromDiff: true,
    },
  ],
});

function segmentsOf(op: RestoreTable): Segment[] {
  const parked = parkedName(op.name, op.id);
  const name = op.as ?? op.name;
  const there = qualified(op.schema, parked);
  const archived = op.from === "archive";
  const physical = archived ? qualified(archiveSchema, parked) : there;
  const mark: Omit<ArtifactMark, "phase"> = {
    type: archived ? "archive_table" : "soft_drop_table",
    schema: op.schema,
    table: op.name,
    physical,
    ...(archived ? { seal: checksumQuery(physical) } : {}),
  };
  return [
    {
      mode: "transaction",
      statements: [
        ...(archived
          ? [statement(`alter table ${physical} set schema ${quoteIdent(op.schema)}`, "access exclusive", [physical])]
          : []),
        ...renameParts(op, op.schema, physical, (part) => [parkedName(part, op.id), part]),
        statement(`alter table ${there} rename to ${quoteIdent(name)}`, "access exclusive", [physical]),
      ],
      artifact: { ...mark, phase: "restored" },
    },
  ];
}

/** What comes back, under the name it gets. */
function objectsOf(op: RestoreTable): readonly SchemaObject[] {
  const objects = op.objects ?? [];
  if (op.as === undefined || op.as === op.name) return objects;
  const graph: SchemaGraph = makeGraph(objects);
  const rename = { of: "table", schema: op.schema, from: op.name, to: op.as } as const;
  return [...editGraph(graph, renameEdits(graph, rename)).objects.values()];
}
