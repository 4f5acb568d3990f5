/** purgeArtifact: removes for good what was set aside. A command asks for it; no diff ever does. */
import * as v from "valibot";
import { columnSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { artifactTypes } from "../sql/artifact.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { statement } from "../sql/statement.ts";
import { defineOperation } from "./define.ts";
import { inWords } from "./place.ts";

const { schema, table, name } = columnSchema.entries;

const payload = v.strictObject({
  type: v.picklist(artifactTypes),
  /** where it came from */
  schema,
  table,
  column: v.optional(name),
  /** where its rows are: a table, or a column of one */
  physical: v.strictObject({ schema, table: name, column: v.optional(name) }),
});

type PurgeArtifact = v.InferOutput<typeof payload>;

export const purgeArtifact = defineOperation<"purgeArtifact", PurgeArtifact>({
  kind: "purgeArtifact",
  family: "recovery & advanced",
  product: false,
  summary: "remove for good what was archived or renamed out of the way",
  base: "destructive",
  reasons: ["drops_table_with_data", "drops_column_with_data"],
  payload,
  on: [],
  commanded: true,
  claims: () => undefined,
  describe: (op) => inWords(op.schema, ...(op.column === undefined ? [op.table] : [op.table, op.column])),
  emit: (op) => {
    const { physical } = op;
    const there = qualified(physical.schema, physical.table);
    const column = physical.column === undefined ? undefined : quoteIdent(physical.column);
    const sql = column === undefined ? `drop table ${there}` : `alter table ${there} drop column ${column}`;
    return [
      {
        mode: "transaction",
        statements: [statement(sql, "access exclusive", [there])],
        artifact: {
          phase: "purged",
          type: op.type,
          schema: op.schema,
          table: op.table,
          ...(op.column === undefined ? {} : { column: op.column }),
          physical: column === undefined ? there : `${there}.${column}`,
        },
      },
    ];
  },
  invert: () => ({ reversible: false, why: "what was purged is gone" }),
  predict: () => [],
  risks: (op) => [
    finding(
      "destructive",
      op.column === undefined ? "drops_table_with_data" : "drops_column_with_data",
      "its values are gone for good",
    ),
  ],
  examples: [
    {
      name: "an archived table",
      before: "create schema _zanith_shadow; create table _zanith_shadow._zanith_dropped_users_0a1b2c3d (id int)",
      op: {
        type: "archive_table",
        schema: "public",
        table: "users",
        physical: { schema: "_zanith_shadow", table: "_zanith_dropped_users_0a1b2c3d" },
      },
      after: "",
      notFromDiff: true,
    },
    {
      name: "a column that was renamed out of the way",
      before: 'create table users (id int, "_zanith_dropped_Old_0a1b2c3d" int)',
      op: {
        type: "soft_drop_column",
        schema: "public",
        table: "users",
        column: "Old",
        physical: { schema: "public", table: "users", column: "_zanith_dropped_Old_0a1b2c3d" },
      },
      after: "create table users (id int)",
      notFromDiff: true,
    },
    {
      name: "an archived column, quoted names",
      before: `create table "T" (id int); create schema _zanith_shadow;
        create table _zanith_shadow."_zanith_dropped_T_Old_0a1b2c3d" (id int primary key, "Old" text)`,
      op: {
        type: "archive_column",
        schema: "public",
        table: "T",
        column: "Old",
        physical: { schema: "_zanith_shadow", table: "_zanith_dropped_T_Old_0a1b2c3d" },
      },
      after: 'create table "T" (id int)',
      notFromDiff: true,
    },
  ],
});
