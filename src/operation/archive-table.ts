/** archiveTable: a table moved to the schema of archives with everything on it, then counted and sealed with a checksum. */
import * as v from "valibot";
import { finding } from "../risk/levels.ts";
import { type ArtifactMark, archiveSchema, parkedName } from "../sql/artifact.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { type Segment, statement } from "../sql/statement.ts";
import { defineOperation } from "./define.ts";
import { inWords, tablePlace } from "./place.ts";
import { predictGone, renameParts, restoreTableOf } from "./set-aside-table.ts";
import { checksumQuery } from "./sql/checksum.ts";
import { ensureArchiveSchema, partNames, refuseUsersOfTable, setAsideMembers } from "./sql/set-aside.ts";

const payload = v.strictObject({ ...tablePlace, ...setAsideMembers, ...partNames });

type ArchiveTable = v.InferOutput<typeof payload>;

export const archiveTable = defineOperation<"archiveTable", ArchiveTable>({
  kind: "archiveTable",
  family: "recovery & advanced",
  product: true,
  summary: "move a table to the archive, with its row count and checksum",
  base: "medium",
  reasons: [],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) => inWords(op.schema, op.name),
  emit: segmentsOf,
  invert: (op, before) => restoreTableOf(op, before, "archive"),
  predict: (op, graph) => predictGone(op, graph),
  risks: (op) => [
    finding(
      "medium",
      undefined,
      `readers and writers that say ${inWords(op.schema, op.name)} fail from then on; nothing is copied, its rows move as they are`,
    ),
  ],
  examples: [
    {
      name: "with its key",
      before: "create table sessions (id int primary key, token text)",
      op: { schema: "public", name: "sessions", id: "0a1b2c3d", indexes: ["sessions_pkey"] },
      after: "",
      notFromDiff: true,
    },
    {
      name: "quoted names, a serial and an identity column, an index, a policy, and another schema",
      before: `create schema "App"; create table "App"."Old Things" (id serial, n int generated always as identity, "Name" text);
        create index "Old Names" on "App"."Old Things" (lower("Name"));
        alter table "App"."Old Things" enable row level security;
        create policy "read it" on "App"."Old Things" using (id > 1);
        comment on column "App"."Old Things"."Name" is 'its name'`,
      op: {
        schema: "App",
        name: "Old Things",
        id: "0a1b2c3d",
        retentionDays: 30,
        indexes: ["Old Names"],
        sequences: ["Old Things_id_seq", "Old Things_n_seq"],
      },
      after: 'create schema "App"',
      notFromDiff: true,
    },
    {
      name: "empty, without a key",
      before: "create unlogged table cache (body jsonb)",
      op: { schema: "public", name: "cache", id: "ffffffff" },
      after: "",
      notFromDiff: true,
    },
  ],
});

/**
 * The move is instant and commits first: from then on nobody finds the table any more, so the scan for the checksum needs
 * no lock that anybody waits for.
 */
function segmentsOf(op: ArchiveTable): Segment[] {
  const table = qualified(op.schema, op.name);
  const parked = parkedName(op.name, op.id);
  const there = qualified(op.schema, parked);
  const physical = qualified(archiveSchema, parked);
  const mark: Omit<ArtifactMark, "phase"> = {
    type: "archive_table",
    schema: op.schema,
    table: op.name,
    physical,
    ...(op.retentionDays === undefined ? {} : { retentionDays: op.retentionDays }),
  };
  return [
    {
      mode: "transaction",
      statements: [
        ensureArchiveSchema(),
        statement(`alter table ${table} rename to ${quoteIdent(parked)}`, "access exclusive", [table]),
        refuseUsersOfTable(there, table),
        ...renameParts(op, op.schema, table, (name) => [name, parkedName(name, op.id)]),
        statement(`alter table ${there} set schema ${archiveSchema}`, "access exclusive", [table]),
      ],
      artifact: { ...mark, phase: "kept" },
    },
    {
      mode: "transaction",
      statements: [statement(checksumQuery(physical), "access share", [physical], "scan")],
      artifact: { ...mark, phase: "sealed" },
    },
  ];
}
