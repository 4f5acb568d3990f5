/** softDropColumn: a column under a name that nobody uses, harmless to inserts meanwhile; undone by renaming it back. */
import * as v from "valibot";
import { getObject } from "../model/graph.ts";
import { finding } from "../risk/levels.ts";
import { parkedName } from "../sql/artifact.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { type Segment, statement } from "../sql/statement.ts";
import { defineOperation } from "./define.ts";
import { columnIdOf, columnInWords, columnPlace, tableOf } from "./place.ts";
import { ownedSequences } from "./remake.ts";
import { predictColumnGone, restoreColumnOf, rowMembers } from "./set-aside-column.ts";
import { renameParts } from "./set-aside-table.ts";
import { refuseUsersOfColumn, setAsideMembers } from "./sql/set-aside.ts";

const payload = v.strictObject({
  ...columnPlace,
  ...setAsideMembers,
  /** it is NOT NULL and nothing gives it a value: inserts that do not name it would fail */
  required: v.optional(v.literal(true)),
  sequences: rowMembers.sequences,
});

type SoftDropColumn = v.InferOutput<typeof payload>;

export const softDropColumn = defineOperation<"softDropColumn", SoftDropColumn>({
  kind: "softDropColumn",
  family: "recovery & advanced",
  product: true,
  summary: "rename a column out of the way; undone by a rename",
  base: "medium",
  reasons: [],
  payload,
  on: [],
  claims: () => undefined,
  describe: columnInWords,
  emit: (op) => [segmentOf(op)],
  invert: (op, before) => {
    const column = getObject(before, "column", columnIdOf(op));
    if (column === undefined) return { reversible: false, why: "what it was like before is not known" };
    const owned = ownedSequences(before, new Set([columnIdOf(op)]));
    return { reversible: true, operations: restoreColumnOf(column, owned, "soft", op.id, { sequences: op.sequences }) };
  },
  predict: predictColumnGone,
  risks: (op) => [
    finding(
      "medium",
      undefined,
      `readers and writers that name it fail from then on; its values stay where they are${
        op.required ? ", and it is nullable meanwhile so that inserts go on" : ""
      }`,
    ),
  ],
  examples: [
    {
      name: "plain",
      before: "create table users (id int, legacy_code text default 'x')",
      op: { schema: "public", table: "users", name: "legacy_code", id: "0a1b2c3d" },
      after: "create table users (id int)",
      notFromDiff: true,
    },
    {
      name: "required, quoted names",
      before: `create table "User" (id int, "Old Code" text not null); comment on column "User"."Old Code" is 'code'`,
      op: { schema: "public", table: "User", name: "Old Code", id: "0a1b2c3d", required: true, retentionDays: 90 },
      after: 'create table "User" (id int)',
      notFromDiff: true,
    },
    {
      name: "serial",
      before: "create table users (id int, n serial)",
      op: { schema: "public", table: "users", name: "n", id: "0a1b2c3d", sequences: ["users_n_seq"] },
      after: "create table users (id int)",
      notFromDiff: true,
    },
    {
      name: "identity",
      before: "create table users (id int, n int generated always as identity)",
      op: { schema: "public", table: "users", name: "n", id: "0a1b2c3d", sequences: ["users_n_seq"] },
      after: "create table users (id int)",
      notFromDiff: true,
    },
  ],
});

function segmentOf(op: SoftDropColumn): Segment {
  const table = tableOf(op);
  const parked = parkedName(op.name, op.id);
  const column = quoteIdent(parked);
  return {
    mode: "transaction",
    statements: [
      statement(`alter table ${table} rename column ${quoteIdent(op.name)} to ${column}`, "access exclusive", [table]),
      refuseUsersOfColumn(table, parked, `${table}.${quoteIdent(op.name)}`),
      ...(op.required
        ? [statement(`alter table ${table} alter column ${column} drop not null`, "access exclusive", [table])]
        : []),
      ...renameParts({ sequences: op.sequences }, op.schema, table, (name) => [name, parkedName(name, op.id)]),
    ],
    artifact: {
      phase: "kept",
      type: "soft_drop_column",
      schema: op.schema,
      table: op.table,
      column: op.name,
      physical: `${table}.${column}`,
      ...(op.retentionDays === undefined ? {} : { retentionDays: op.retentionDays }),
    },
  };
}
