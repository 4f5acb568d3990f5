/** dropTable: a table with its rows and all of its parts. Foreign keys go before it, by operations of their own. */
import * as v from "valibot";
import { columnsOfTable, getObject, type SchemaGraph } from "../model/graph.ts";
import { columnId, type ObjectId, objectId, parentId, tableId } from "../model/kinds.ts";
import type { Policy, Rule, Sequence } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { qualified } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation } from "./define.ts";
import { inWords, tablePlace } from "./place.ts";
import { aroundOwner, ownedSequences, remakeTable } from "./remake.ts";
import { keepTable } from "./set-aside-table.ts";

const payload = v.strictObject(tablePlace);

type DropTable = v.InferOutput<typeof payload>;

export const dropTable = defineOperation<"dropTable", DropTable>({
  kind: "dropTable",
  family: "drop",
  product: true,
  summary: "drop a table and its rows",
  base: "destructive",
  reasons: ["drops_table_with_data"],
  payload,
  on: ["drop table"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "table"
      ? { schema: change.before.schema, name: change.before.name }
      : undefined,
  absorbs: (op, change) =>
    change.type === "drop" &&
    change.before.kind !== "foreignKey" &&
    parentId(change.before) === idOf(op) &&
    !((change.before.kind === "policy" || change.before.kind === "rule") && looksElsewhere(change.before, op)),
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => {
    const name = qualified(op.schema, op.name);
    return [together(statement(`drop table ${name}`, "access exclusive", [name]))];
  },
  invert: (op, before) => {
    const table = getObject(before, "table", idOf(op));
    if (table === undefined) return { reversible: false, why: "what it was like before is not known" };
    return {
      reversible: true,
      operations: aroundOwner(sequencesOf(op, before), remakeTable(before, table)),
      loses: "its rows",
    };
  },
  predict: (op, graph) => [
    { drop: idOf(op) },
    ...sequencesOf(op, graph).map((sequence) => ({ drop: objectId(sequence) })),
  ],
  keeping: keepTable,
  risks: (op, facts) =>
    facts.isFresh(idOf(op))
      ? [finding("safe", undefined, "the table is made in the same migration")]
      : [
          sizedFinding(
            facts,
            { schema: op.schema, table: op.name },
            "destructive",
            "drops_table_with_data",
            "its rows are gone, and readers and writers that name it fail from then on",
          ),
        ],
  examples: [
    {
      name: "plain",
      before: "create table sessions (id int primary key, token text unique check (token <> ''))",
      op: { schema: "public", name: "sessions" },
      after: "",
    },
    {
      name: "with indexes, policies, comments and a sequence of its own, quoted names",
      before: `create schema "App"; create table "App"."Old Things" (id serial, "Name" text default 'x');
        create index "Old Names" on "App"."Old Things" (lower("Name")) where id > 0;
        alter table "App"."Old Things" add constraint late check (id > 0) not valid;
        alter table "App"."Old Things" enable row level security;
        create policy "read it" on "App"."Old Things" for select using (id > 1);
        comment on table "App"."Old Things" is 'old'; comment on column "App"."Old Things"."Name" is 'its name'`,
      op: { schema: "App", name: "Old Things" },
      after: 'create schema "App"',
    },
    {
      name: "with grants on it, on a column and on its sequence",
      before: `create table users (id serial, email text); grant select on users to pg_monitor with grant option; grant insert on users to public;
        revoke truncate on users from current_user; grant update (email) on users to pg_monitor; grant usage on users_id_seq to pg_monitor`,
      op: { schema: "public", name: "users" },
      after: "",
    },
    {
      name: "unlogged, with an identity column",
      before: "create unlogged table cache (id bigint generated always as identity (cache 10), body jsonb)",
      op: { schema: "public", name: "cache" },
      after: "",
    },
  ],
});

/** Whether a policy reads other tables: two tables whose policies read each other go only after the policies. */
function looksElsewhere(policy: Policy | Rule, op: DropTable): boolean {
  const own = idOf(op).slice("table:".length);
  return (policy.dependsOn ?? []).some((id) => !id.startsWith(`column:${own}.`));
}

function idOf(op: DropTable): ObjectId {
  return tableId(op.schema, op.name);
}

/** Sequences that were given to columns of the table: they go along with it. */
function sequencesOf(op: DropTable, graph: SchemaGraph): Sequence[] {
  const columns = columnsOfTable(graph, op.schema, op.name);
  if (columns.length === 0) return [];
  return ownedSequences(graph, new Set(columns.map(({ name }) => columnId(op.schema, op.name, name))));
}
