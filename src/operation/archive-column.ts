/** archiveColumn: a column's values copied to the archive under a lock that stops writers, then dropped, counted and sealed. */
import * as v from "valibot";
import { getObject } from "../model/graph.ts";
import { finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { type ArtifactMark, archiveSchema, parkedName } from "../sql/artifact.ts";
import { qualified, quoteIdent, quoteList } from "../sql/identifier.ts";
import { quoteLiteral } from "../sql/literal.ts";
import { type Segment, type Statement, statement } from "../sql/statement.ts";
import { defineOperation } from "./define.ts";
import { columnIdOf, columnInWords, columnPlace, onFreshTable, tableOf } from "./place.ts";
import { ownedSequences } from "./remake.ts";
import { columnArchive, predictColumnGone, restoreColumnOf, rowMembers } from "./set-aside-column.ts";
import { archivedRows } from "./sql/archived-rows.ts";
import { cellChecksumQuery } from "./sql/checksum.ts";
import { ensureArchiveSchema, refuseUsersOfColumn, setAsideMembers } from "./sql/set-aside.ts";

const payload = v.strictObject({ ...columnPlace, ...setAsideMembers, ...rowMembers });

type ArchiveColumn = v.InferOutput<typeof payload>;

export const archiveColumn = defineOperation<"archiveColumn", ArchiveColumn>({
  kind: "archiveColumn",
  family: "recovery & advanced",
  product: true,
  summary: "copy a column to the archive, with its row count and checksum, then drop it",
  base: "medium",
  reasons: [],
  payload,
  on: [],
  claims: () => undefined,
  describe: columnInWords,
  emit: segmentsOf,
  invert: (op, before) => {
    const column = getObject(before, "column", columnIdOf(op));
    if (column === undefined) return { reversible: false, why: "what it was like before is not known" };
    const { key, witness, asText, sequences } = op;
    const owned = ownedSequences(before, new Set([columnIdOf(op)]));
    const rows = { key, witness, asText, sequences };
    return { reversible: true, operations: restoreColumnOf(column, owned, "archive", op.id, rows) };
  },
  predict: predictColumnGone,
  risks: (op, facts) =>
    onFreshTable(op, facts)
      ? [finding("safe", undefined, "the table is made in the same migration")]
      : [
          sizedFinding(
            facts,
            op,
            "medium",
            undefined,
            "readers and writers that name it fail from then on; writes to its table wait while its values are copied",
          ),
        ],
  examples: [
    {
      name: "by the primary key",
      before: "create table users (id int primary key, legacy_code text not null default 'x')",
      op: { schema: "public", table: "users", name: "legacy_code", id: "0a1b2c3d", key: ["id"] },
      after: "create table users (id int primary key)",
      notFromDiff: true,
    },
    {
      name: "without a key, of an enum, quoted names",
      before: `create schema "App"; create type "App"."Mood" as enum ('sad', 'ok');
        create table "App"."User" (id int, "Old Mood" "App"."Mood" not null); comment on column "App"."User"."Old Mood" is 'mood'`,
      op: {
        schema: "App",
        table: "User",
        name: "Old Mood",
        id: "0a1b2c3d",
        retentionDays: 90,
        witness: ["id"],
        asText: true,
      },
      after: `create schema "App"; create type "App"."Mood" as enum ('sad', 'ok'); create table "App"."User" (id int)`,
      notFromDiff: true,
    },
    {
      name: "identity",
      before: "create table users (k int primary key, id int generated always as identity (start with 10))",
      op: { schema: "public", table: "users", name: "id", id: "0a1b2c3d", key: ["k"], sequences: ["users_id_seq"] },
      after: "create table users (k int primary key)",
      notFromDiff: true,
    },
    {
      name: "serial",
      before: "create table users (k int primary key, n serial)",
      op: { schema: "public", table: "users", name: "n", id: "0a1b2c3d", key: ["k"], sequences: ["users_n_seq"] },
      after: "create table users (k int primary key)",
      notFromDiff: true,
    },
    {
      name: "generated",
      before: "create table lines (id int primary key, price int, doubled int generated always as (price * 2) stored)",
      op: { schema: "public", table: "lines", name: "doubled", id: "0a1b2c3d", key: ["id"] },
      after: "create table lines (id int primary key, price int)",
      notFromDiff: true,
    },
  ],
});

/**
 * SHARE ROW EXCLUSIVE stops every writer until the commit, so the copy holds each value there is; readers wait only for the
 * drop itself. The checksum is of the copy, which nobody knows yet, and needs no lock that anybody waits for.
 */
function segmentsOf(op: ArchiveColumn): Segment[] {
  const table = tableOf(op);
  const physical = columnArchive(op, op.id);
  const { columns, names } = archivedRows(op, op);
  const mark: Omit<ArtifactMark, "phase"> = {
    type: "archive_column",
    schema: op.schema,
    table: op.table,
    column: op.name,
    physical,
    ...(op.retentionDays === undefined ? {} : { retentionDays: op.retentionDays }),
  };
  return [
    {
      mode: "transaction",
      statements: [
        ensureArchiveSchema(),
        statement(`lock table ${table} in share row exclusive mode`, "share row exclusive", [table]),
        refuseUsersOfColumn(table, op.name, `${table}.${quoteIdent(op.name)}`),
        // What row security hides from this role would be lost: the server is told to fail instead.
        statement("select pg_catalog.set_config('row_security', 'off', true)"),
        statement(`create table ${physical} as\nselect ${columns}\nfrom ${table} t`, "access share", [table], "scan"),
        ...(op.sequences ?? []).flatMap((name) => keepPosition(op, name, physical)),
        statement(`alter table ${table} drop column ${quoteIdent(op.name)}`, "access exclusive", [table]),
      ],
      artifact: { ...mark, phase: "kept" },
    },
    {
      mode: "transaction",
      statements: [statement(cellChecksumQuery(physical, names), "access share", [physical], "scan")],
      artifact: { ...mark, phase: "sealed" },
    },
  ];
}

/** A sequence goes with its column; one in the archive keeps where it stood and goes with the archive. */
function keepPosition(op: ArchiveColumn, name: string, physical: string): Statement[] {
  const kept = qualified(archiveSchema, parkedName(name, op.id));
  const source = qualified(op.schema, name);
  return [
    statement(`create sequence ${kept} minvalue -9223372036854775808 owned by ${physical}.${quoteList([op.name])}`),
    statement(
      `select pg_catalog.setval(${quoteLiteral(kept)}::pg_catalog.regclass, s.last_value, s.is_called) from ${source} s`,
      "access share",
      [source],
    ),
  ];
}
