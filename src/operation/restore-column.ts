/** restoreColumn: a column that was archived or renamed out of the way, back in its table with its values. */
import * as v from "valibot";
import { type Column, columnSchema, sequenceSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { type ArtifactMark, parkedName } from "../sql/artifact.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { type Segment, statement } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { columnInWords, placeOf, tableOf, withMembers } from "./place.ts";
import { columnArchive, isRequired, rowMembers } from "./set-aside-column.ts";
import { renameParts } from "./set-aside-table.ts";
import { checksumQuery } from "./sql/checksum.ts";
import { columnSegments, refuseUnfilled } from "./sql/restore-column.ts";
import { setAsideMembers } from "./sql/set-aside.ts";

const payload = v.strictObject({
  /** the column as it shall be */
  column: columnSchema,
  id: setAsideMembers.id,
  /** the name it had, when it comes back under another one */
  source: v.optional(columnSchema.entries.name),
  from: v.picklist(["archive", "soft"]),
  ...rowMembers,
  /** many rows, of a table without triggers of its own on UPDATE: they are filled in batches over the key */
  batches: v.optional(v.literal(true)),
  /** sequences that stayed with a column that was only renamed, and come back with it */
  owned: v.optional(v.array(sequenceSchema)),
});

export type RestoreColumn = v.InferOutput<typeof payload>;

export const restoreColumn = defineOperation<"restoreColumn", RestoreColumn>({
  kind: "restoreColumn",
  family: "recovery & advanced",
  product: false,
  summary: "bring a column back that was archived or renamed out of the way",
  base: "medium",
  reasons: [],
  payload,
  on: [],
  commanded: true,
  claims: () => undefined,
  describe: (op) => columnInWords(op.column),
  emit: (op) => (op.from === "soft" ? [renamedBack(op)] : columnSegments(op, markOf(op))),
  invert: (op) => {
    const { column, id, key, witness, asText, sequences } = op;
    const rows = op.from === "soft" ? { sequences } : { key, witness, asText, sequences };
    return {
      reversible: true,
      operations: [
        operation(op.from === "soft" ? "softDropColumn" : "dropColumn", {
          ...placeOf(column),
          ...(op.from === "soft"
            ? { id, ...(isRequired(column) ? { required: true as const } : {}), ...withMembers({}, rows as object) }
            : {}),
        }),
      ],
      ...(op.from === "soft" ? {} : { loses: "values that were written to it since; the archive is still there" }),
    };
  },
  predict: (op) => [{ put: op.column }, ...(op.owned ?? []).map((put) => ({ put }))],
  risks: (op) => [
    finding(
      "medium",
      undefined,
      op.from === "soft"
        ? "it has its old name again; nothing is copied"
        : op.batches
          ? "its values are filled in batch by batch; readers and writers go on"
          : "writes to its table wait while its values are filled in",
    ),
  ],
  examples: [
    {
      name: "renamed back",
      before: "create table users (id int, _zanith_dropped_code_0a1b2c3d text)",
      op: {
        column: { kind: "column", schema: "public", table: "users", name: "code", type: "text", notNull: true },
        id: "0a1b2c3d",
        from: "soft",
      },
      after: "create table users (id int, code text not null)",
      notFromDiff: true,
    },
    {
      name: "from the archive",
      before: `create table users (id int primary key); create schema _zanith_shadow;
        create table _zanith_shadow._zanith_dropped_users_code_0a1b2c3d (id int primary key, code text)`,
      op: {
        column: { kind: "column", schema: "public", table: "users", name: "code", type: "text", default: "'x'::text" },
        id: "0a1b2c3d",
        from: "archive",
        key: ["id"],
      },
      after: "create table users (id int primary key, code text default 'x')",
      notFromDiff: true,
    },
    {
      name: "from the archive in batches, by a key of two columns, of an enum",
      before: `create type mood as enum ('sad'); create table users (a int, b text, primary key (a, b)); create schema _zanith_shadow;
        create table _zanith_shadow._zanith_dropped_users_mood_0a1b2c3d (a int, b text, mood text)`,
      op: {
        column: {
          kind: "column",
          schema: "public",
          table: "users",
          name: "mood",
          type: "public.mood",
          dependsOn: ["enum:public.mood"],
          notNull: true,
        },
        id: "0a1b2c3d",
        from: "archive",
        key: ["a", "b"],
        asText: true,
        batches: true,
      },
      after:
        "create type mood as enum ('sad'); create table users (a int, b text, mood mood not null, primary key (a, b))",
      notFromDiff: true,
    },
    {
      name: "from the archive under another name, without a key",
      before: `create table users (id int); create schema _zanith_shadow;
        create table _zanith_shadow._zanith_dropped_users_code_0a1b2c3d
          (_zanith_row text, _zanith_nth bigint, code text, primary key (_zanith_row, _zanith_nth))`,
      op: {
        column: { kind: "column", schema: "public", table: "users", name: "old code", type: "text" },
        source: "code",
        id: "0a1b2c3d",
        from: "archive",
        witness: ["id"],
      },
      after: 'create table users (id int, "old code" text)',
      notFromDiff: true,
    },
  ],
});

function markOf({ column, id, from, source }: RestoreColumn): Omit<ArtifactMark, "phase"> {
  const { schema, table } = column;
  const name = source ?? column.name;
  const place = { schema, table, column: name };
  if (from === "soft") {
    const physical = `${tableOf(column)}.${quoteIdent(parkedName(name, id))}`;
    return { type: "soft_drop_column", ...place, physical };
  }
  const physical = columnArchive({ schema, table, name }, id);
  return { type: "archive_column", ...place, physical, seal: checksumQuery(physical) };
}

function renamedBack(op: RestoreColumn): Segment {
  const { column, id, sequences } = op;
  const table = tableOf(column);
  const name = quoteIdent(column.name);
  const parked = quoteIdent(parkedName(op.source ?? column.name, id));
  return {
    mode: "transaction",
    statements: [
      statement(`alter table ${table} rename column ${parked} to ${name}`, "access exclusive", [table]),
      ...renameParts({ sequences }, column.schema, table, (part) => [parkedName(part, id), part]),
      ...(isRequired(column) ? required(table, column) : []),
    ],
    artifact: { ...markOf(op), phase: "restored" },
  };
}

function required(table: string, column: Column) {
  return [
    refuseUnfilled(`${table} t where t.${quoteIdent(column.name)} is null`, table, column),
    statement(
      `alter table ${table} alter column ${quoteIdent(column.name)} set not null`,
      "access exclusive",
      [table],
      "scan",
    ),
  ];
}
