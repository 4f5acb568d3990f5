/** reseedColumn: fills a column that is there from an archive of it, row by row by what tells rows apart. */
import * as v from "valibot";
import { columnSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation } from "./define.ts";
import { columnInWords, columnPlace, tableOf } from "./place.ts";
import { columnArchive, rowMembers } from "./set-aside-column.ts";
import { archivedRows } from "./sql/archived-rows.ts";
import { checksumQuery } from "./sql/checksum.ts";
import { withoutTriggers } from "./sql/restore-column.ts";
import { setAsideMembers } from "./sql/set-aside.ts";

const payload = v.strictObject({
  ...columnPlace,
  id: setAsideMembers.id,
  /** the column's type, for values that are kept as text */
  type: columnSchema.entries.type,
  key: rowMembers.key,
  witness: rowMembers.witness,
  asText: rowMembers.asText,
  /** also where there is another value */
  all: v.optional(v.literal(true)),
});

type ReseedColumn = v.InferOutput<typeof payload>;

export const reseedColumn = defineOperation<"reseedColumn", ReseedColumn>({
  kind: "reseedColumn",
  family: "recovery & advanced",
  product: false,
  summary: "fill a column again from its archive",
  base: "medium",
  reasons: [],
  payload,
  on: [],
  commanded: true,
  claims: () => undefined,
  describe: columnInWords,
  emit: (op) => {
    const table = tableOf(op);
    const physical = columnArchive(op, op.id);
    const name = quoteIdent(op.name);
    const rows = archivedRows(op, op);
    const value = op.asText ? `m.value::${op.type}` : "m.value";
    const where = op.all ? "" : ` and t.${name} is null`;
    const changes = `  update ${table} t set ${name} = ${value}
  from (select x._zanith_at, x._zanith_of, a.${name} as value from ${rows.matched(table, physical)} where a.${name} is not null) m
  where t.ctid = m._zanith_at and t.tableoid = m._zanith_of${where};`;
    const place = { schema: op.schema, table: op.table, column: op.name };
    return [
      {
        ...together(statement(withoutTriggers(table, changes), "share row exclusive", [table], "rewrite")),
        artifact: { phase: "checked", type: "archive_column", ...place, physical, seal: checksumQuery(physical) },
      },
    ];
  },
  invert: () => ({ reversible: false, why: "the values it replaced are not kept" }),
  predict: () => [],
  risks: (op) => [
    finding(
      "medium",
      undefined,
      op.all
        ? "values that are there are replaced; writes to the table wait meanwhile"
        : "only rows without a value get one; writes to the table wait meanwhile",
    ),
  ],
  examples: [
    {
      name: "where it is empty",
      before: `create table users (id int primary key, code text); create schema _zanith_shadow;
        create table _zanith_shadow._zanith_dropped_users_code_0a1b2c3d (id int primary key, code text)`,
      op: { schema: "public", table: "users", name: "code", id: "0a1b2c3d", type: "text", key: ["id"] },
      after: "create table users (id int primary key, code text)",
      notFromDiff: true,
    },
    {
      name: "everywhere, by a key of two columns, with a trigger on the table",
      before: `create table users (a int, b text, code text, primary key (a, b)); create schema _zanith_shadow;
        create function touch() returns trigger language plpgsql as 'begin return new; end';
        create trigger g before update on users for each row execute function touch();
        create table _zanith_shadow._zanith_dropped_users_code_0a1b2c3d (a int, b text, code text, primary key (a, b))`,
      op: {
        schema: "public",
        table: "users",
        name: "code",
        id: "0a1b2c3d",
        type: "text",
        key: ["a", "b"],
        all: true,
      },
      after: `create table users (a int, b text, code text, primary key (a, b));
        create function touch() returns trigger language plpgsql as 'begin return new; end';
        create trigger g before update on users for each row execute function touch()`,
      notFromDiff: true,
    },
    {
      name: "without a key, of an enum, quoted names",
      before: `create type "Mood" as enum ('sad'); create table "User" (id int, "Old Mood" "Mood"); create schema _zanith_shadow;
        create table _zanith_shadow."_zanith_dropped_User_Old Mood_0a1b2c3d"
          (_zanith_row text, _zanith_nth bigint, "Old Mood" text, primary key (_zanith_row, _zanith_nth))`,
      op: {
        schema: "public",
        table: "User",
        name: "Old Mood",
        id: "0a1b2c3d",
        type: 'public."Mood"',
        witness: ["id"],
        asText: true,
      },
      after: `create type "Mood" as enum ('sad'); create table "User" (id int, "Old Mood" "Mood")`,
      notFromDiff: true,
    },
  ],
});
