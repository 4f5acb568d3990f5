/** setTablespace: moves the files of a table or an index elsewhere. Postgres copies them while nobody can read or write them. */
import * as v from "valibot";
import { makeId, type ObjectId, tableId } from "../model/kinds.ts";
import { indexSchema, type SchemaObject } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { rewriteFinding } from "../risk/size.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { quoteLiteral } from "../sql/literal.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords } from "./part.ts";
import { inWords, withMembers } from "./place.ts";
import { isReplaced } from "./replacement.ts";
import { dollarQuoted } from "./sql/assignments.ts";

const { schema, table, name, tablespace } = indexSchema.entries;

const payload = v.strictObject({
  object: v.variant("kind", [
    v.strictObject({ kind: v.literal("table"), schema, name }),
    v.strictObject({ kind: v.picklist(["index", "primaryKey", "unique"]), schema, table, name }),
  ]),
  /** absent: where those of the database are */
  from: tablespace,
  to: tablespace,
});

type SetTablespace = v.InferOutput<typeof payload>;
type Place = SetTablespace["object"];

export const setTablespace = defineOperation<"setTablespace", SetTablespace>({
  kind: "setTablespace",
  family: "alter",
  product: false,
  summary: "move the files of a table or an index to another tablespace",
  base: "high",
  baseNote: "as much is written as it holds, under a lock",
  reasons: ["rebuilds_table"],
  payload,
  on: ["table", "index", "primaryKey", "unique"].map((kind) => `alter ${kind}.tablespace`),
  claims: (change) => {
    if (change.type !== "alter") return undefined;
    const { before, after } = change;
    const object = placeOf(after);
    // What is built anew is built in its new place.
    if (object === undefined) return undefined;
    if (object.kind !== "table" && isReplaced(before, after, ["attachedTo", "tablespace"])) return undefined;
    return { object, ...ends(tablespaceOf(before), tablespaceOf(after)) };
  },
  describe: ({ object }) => (object.kind === "table" ? inWords(object.schema, object.name) : partInWords(object)),
  emit: ({ object, to }) => {
    const place = qualified(object.schema, object.name);
    const words = `alter ${object.kind === "table" ? "table" : "index"} ${place} set tablespace `;
    const sql = to === undefined ? intoThatOfDatabase(words) : words + quoteIdent(to);
    return [together(statement(sql, "access exclusive", [place], "rewrite"))];
  },
  invert: ({ object, from, to }) => ({
    reversible: true,
    operations: [operation("setTablespace", { object, ...ends(to, from) })],
  }),
  predict: ({ object, to }, graph) => {
    const found = graph.objects.get(idOf(object));
    return found === undefined ? [] : [{ put: withMembers(found, { tablespace: to } as Partial<SchemaObject>) }];
  },
  risks: ({ object }, facts) => {
    const holder = { schema: object.schema, table: object.kind === "table" ? object.name : object.table };
    if (facts.isFresh(tableId(holder.schema, holder.table))) {
      return [finding("safe", undefined, "the table is made in the same migration")];
    }
    const why = "its files are copied under a lock that stops reads and writes of it";
    return [rewriteFinding(facts, holder, "high", why)];
  },
  examples: [
    {
      name: "of a table",
      before: "create table hits (id int)",
      op: { object: { kind: "table", schema: "public", name: "hits" }, to: "zanith test" },
      after: `create table hits (id int) tablespace "zanith test"`,
    },
    {
      name: "of an index, back to where the database is, quoted names",
      before: `create table "Hit" (id int); create index "By Id" on "Hit" (id) tablespace "zanith test" where id > 0`,
      op: { object: { kind: "index", schema: "public", table: "Hit", name: "By Id" }, from: "zanith test" },
      after: `create table "Hit" (id int); create index "By Id" on "Hit" (id) where id > 0`,
    },
    {
      name: "of a primary key",
      before: "create table hits (id int primary key)",
      op: { object: { kind: "primaryKey", schema: "public", table: "hits", name: "hits_pkey" }, to: "zanith test" },
      after: `create table hits (id int primary key using index tablespace "zanith test")`,
    },
    {
      name: "of a partitioned table, for partitions to come",
      before:
        "create table hits (id int) partition by list (id); create table hits_1 partition of hits for values in (1)",
      op: { object: { kind: "table", schema: "public", name: "hits" }, to: "zanith test" },
      after: `create table hits (id int) partition by list (id); create table hits_1 partition of hits for values in (1);
        alter table hits set tablespace "zanith test"`,
    },
  ],
});

/** SQL has no word for the tablespace of the database: it is pg_default only where nobody made the database elsewhere. */
function intoThatOfDatabase(words: string): string {
  const own = `(select s.spcname from pg_catalog.pg_tablespace s
    join pg_catalog.pg_database d on d.dattablespace = s.oid where d.datname = pg_catalog.current_database())`;
  return `do ${dollarQuoted(`begin
  execute ${quoteLiteral(words)} || pg_catalog.quote_ident(${own});
end`)}`;
}

function placeOf(object: SchemaObject): Place | undefined {
  if (object.kind === "table") return { kind: object.kind, schema: object.schema, name: object.name };
  if (object.kind !== "index" && object.kind !== "primaryKey" && object.kind !== "unique") return undefined;
  return { kind: object.kind, schema: object.schema, table: object.table, name: object.name };
}

function tablespaceOf(object: SchemaObject): string | undefined {
  return "tablespace" in object ? object.tablespace : undefined;
}

function ends(from: string | undefined, to: string | undefined): { from?: string; to?: string } {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function idOf(object: Place): ObjectId {
  if (object.kind === "table") return tableId(object.schema, object.name);
  return object.kind === "index"
    ? makeId(object.kind, object.schema, object.name)
    : makeId(object.kind, object.schema, object.table, object.name);
}
