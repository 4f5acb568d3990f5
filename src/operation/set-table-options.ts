/** setTableOptions: the storage parameters of a table and of its table for long values. */
import * as v from "valibot";
import { type Table, tableSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { qualified } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { editTable, inWords, tablePlace } from "./place.ts";
import { optionActions, optionLock } from "./sql/storage.ts";

const { options, toastOptions } = tableSchema.entries;
const members = v.strictObject({ options, toastOptions });

const payload = v.strictObject({
  ...tablePlace,
  /** all parameters as they are, `name=value` each */
  from: members,
  /** all parameters as they will be */
  to: members,
});

type SetTableOptions = v.InferOutput<typeof payload>;

export const setTableOptions = defineOperation<"setTableOptions", SetTableOptions>({
  kind: "setTableOptions",
  family: "alter",
  product: false,
  summary: "set or reset the storage parameters of a table",
  base: "low",
  reasons: [],
  payload,
  on: ["alter table.options", "alter table.toastOptions"],
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "table" || change.after.kind !== "table") return undefined;
    const { schema, name } = change.after;
    return { schema, name, from: membersOf(change.before), to: membersOf(change.after) };
  },
  absorbs: (op, change) =>
    change.type === "alter" &&
    change.after.kind === "table" &&
    change.after.schema === op.schema &&
    change.after.name === op.name &&
    (change.attribute === "options" || change.attribute === "toastOptions"),
  describe: (op) => inWords(op.schema, op.name),
  emit: ({ schema, name, from, to }) => {
    const table = qualified(schema, name);
    const actions = optionActions([
      { from: from.options, to: to.options },
      { from: from.toastOptions, to: to.toastOptions, space: "toast" },
    ]);
    return [
      together(statement(`alter table ${table} ${actions.join(", ")}`, optionLock(from.options, to.options), [table])),
    ];
  },
  invert: ({ schema, name, from, to }) => ({
    reversible: true,
    operations: [operation("setTableOptions", { schema, name, from: to, to: from })],
  }),
  predict: (op, graph) => editTable(graph, op, { options: op.to.options, toastOptions: op.to.toastOptions }),
  risks: () => [
    finding("low", undefined, "holds for what is written and vacuumed from then on; old pages stay as they are"),
  ],
  examples: [
    {
      name: "some set",
      before: "create table hits (id int, body text)",
      op: {
        schema: "public",
        name: "hits",
        from: {},
        to: { options: ["fillfactor=70", "autovacuum_enabled=off"], toastOptions: ["autovacuum_enabled=off"] },
      },
      after:
        "create table hits (id int, body text) with (fillfactor = 70, autovacuum_enabled = off, toast.autovacuum_enabled = off)",
    },
    {
      name: "one changed, one reset, quoted names",
      before: `create schema "App"; create table "App"."Hit Count" (id int) with (fillfactor = 70, autovacuum_vacuum_threshold = 9)`,
      op: {
        schema: "App",
        name: "Hit Count",
        from: { options: ["fillfactor=70", "autovacuum_vacuum_threshold=9"] },
        to: { options: ["fillfactor=80"] },
      },
      after: `create schema "App"; create table "App"."Hit Count" (id int) with (fillfactor = 80)`,
    },
    {
      name: "all reset",
      before: "create table hits (id int, body text) with (fillfactor = 70, toast.autovacuum_enabled = off)",
      op: {
        schema: "public",
        name: "hits",
        from: { options: ["fillfactor=70"], toastOptions: ["autovacuum_enabled=off"] },
        to: {},
      },
      after: "create table hits (id int, body text)",
    },
    {
      name: "one that needs the strongest lock",
      before: "create table hits (id int)",
      op: { schema: "public", name: "hits", from: {}, to: { options: ["user_catalog_table=true"] } },
      after: "create table hits (id int) with (user_catalog_table = true)",
    },
  ],
});

function membersOf(table: Table): SetTableOptions["from"] {
  return {
    ...(table.options === undefined ? {} : { options: table.options }),
    ...(table.toastOptions === undefined ? {} : { toastOptions: table.toastOptions }),
  };
}
