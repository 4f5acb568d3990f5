/** softDropTable: a table under a name that nobody uses, in its schema, with everything on it; undone by renaming it back. */
import * as v from "valibot";
import { finding } from "../risk/levels.ts";
import { parkedName } from "../sql/artifact.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { statement } from "../sql/statement.ts";
import { defineOperation } from "./define.ts";
import { inWords, tablePlace } from "./place.ts";
import { predictGone, renameParts, restoreTableOf } from "./set-aside-table.ts";
import { partNames, refuseUsersOfTable, setAsideMembers } from "./sql/set-aside.ts";

const payload = v.strictObject({ ...tablePlace, ...setAsideMembers, ...partNames });

type SoftDropTable = v.InferOutput<typeof payload>;

export const softDropTable = defineOperation<"softDropTable", SoftDropTable>({
  kind: "softDropTable",
  family: "recovery & advanced",
  product: true,
  summary: "rename a table out of the way; undone by a rename",
  base: "medium",
  reasons: [],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => {
    const table = qualified(op.schema, op.name);
    const parked = qualified(op.schema, parkedName(op.name, op.id));
    return [
      {
        mode: "transaction",
        statements: [
          statement(`alter table ${table} rename to ${quoteIdent(parkedName(op.name, op.id))}`, "access exclusive", [
            table,
          ]),
          refuseUsersOfTable(parked, table),
          ...renameParts(op, op.schema, table, (name) => [name, parkedName(name, op.id)]),
        ],
        artifact: {
          phase: "kept",
          type: "soft_drop_table",
          schema: op.schema,
          table: op.name,
          physical: parked,
          ...(op.retentionDays === undefined ? {} : { retentionDays: op.retentionDays }),
        },
      },
    ];
  },
  invert: (op, before) => restoreTableOf(op, before, "soft"),
  predict: (op, graph) => predictGone(op, graph),
  risks: (op) => [
    finding(
      "medium",
      undefined,
      `readers and writers that say ${inWords(op.schema, op.name)} fail from then on; its rows stay where they are`,
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
      name: "quoted names, an identity column, an index, a policy and comments",
      before: `create schema "App"; create table "App"."Old Things" (id int generated always as identity, "Name" text);
        create index "Old Names" on "App"."Old Things" (lower("Name"));
        alter table "App"."Old Things" enable row level security;
        create policy "read it" on "App"."Old Things" using (id > 1);
        comment on table "App"."Old Things" is 'old'`,
      op: {
        schema: "App",
        name: "Old Things",
        id: "0a1b2c3d",
        retentionDays: 30,
        indexes: ["Old Names"],
        sequences: ["Old Things_id_seq"],
      },
      after: 'create schema "App"',
      notFromDiff: true,
    },
    {
      name: "with a serial column and a unique constraint",
      before: "create table codes (id serial, code text unique)",
      op: {
        schema: "public",
        name: "codes",
        id: "ffffffff",
        indexes: ["codes_code_key"],
        sequences: ["codes_id_seq"],
      },
      after: "",
      notFromDiff: true,
    },
  ],
});
