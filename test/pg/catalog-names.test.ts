// Names are data: dots, quotes, capitals, foreign scripts, words of SQL and of JavaScript come through the reader as they are.
import { describe, expect, test } from "bun:test";
import { objectName } from "../../src/model/kinds.ts";
import { quoteIdent, serverMadeName } from "../../src/sql/identifier.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";

const bench = await withSchemaBench();

const hostile = [
  "a.b",
  'say "hi"',
  "UPPER",
  "select",
  "values",
  "__proto__",
  "constructor",
  "größe",
  "名前",
  "🦉",
  " x USING y ",
  "it's",
  "back\\slash",
  "tab\tand\nline",
  "{1,2}",
  "null",
  "$1",
  `é${"x".repeat(61)}`,
  "n".repeat(63),
];

describe.each(hostile)("the name %j", (name) => {
  const quoted = quoteIdent(name);
  const at = `${quoted}.${quoted}`;

  test("goes through every kind of object", async () => {
    const script = `
      create schema ${quoted};
      create type ${quoted}."e" as enum (${`'${name.replaceAll("'", "''")}'`});
      create sequence ${quoted}."s";
      create table ${at} (${quoted} int generated always as identity, e ${quoted}."e" default '${name.replaceAll("'", "''")}');
      alter table ${at} add constraint "p" primary key (${quoted});
      alter table ${at} add constraint "f" foreign key (${quoted}) references ${at} (${quoted});
      alter table ${at} add constraint ${quoted} check (${quoted} > 0);
      create index "i" on ${at} (${quoted});
      create index "j" on ${at} (abs(${quoted}));
      create policy ${quoted} on ${at} using (${quoted} > 0);
      comment on table ${at} is '${name.replaceAll("'", "''")}'`;
    const inTable = { schema: name, table: name };
    const graph = await bench.graphOf(script);
    const columnId = `column:${at}.${quoted}`;
    expect([...graph.objects.values()].filter((o) => objectName(o) !== "public")).toEqual([
      { kind: "check", ...inTable, name, expression: `((${quotedByServer(name)} > 0))`, dependsOn: [columnId] },
      ...[
        {
          kind: "column" as const,
          ...inTable,
          name,
          position: 1,
          type: "integer",
          notNull: true as const,
          identity: { generation: "always" as const },
        },
        {
          kind: "column" as const,
          ...inTable,
          name: "e",
          position: 2,
          type: `${quotedByServer(name)}.e`,
          default: `'${name.replaceAll("'", "''")}'::${quotedByServer(name)}.e`,
          dependsOn: [`enum:${quoted}.e`],
        },
      ].sort((a, b) => (quoteIdent(a.name) < quoteIdent(b.name) ? -1 : 1)),
      { kind: "enum", schema: name, name: "e", values: [name] },
      {
        kind: "foreignKey",
        ...inTable,
        name: "f",
        columns: [name],
        references: { schema: name, table: name, columns: [name] },
      },
      { kind: "index", ...inTable, name: "i", definition: `btree (${quotedByServer(name)})`, columns: [name] },
      {
        kind: "index",
        ...inTable,
        name: "j",
        definition: `btree (abs(${quotedByServer(name)}))`,
        columns: [],
        dependsOn: [columnId],
      },
      { kind: "policy", ...inTable, name, using: `(${quotedByServer(name)} > 0)`, dependsOn: [columnId] },
      { kind: "primaryKey", ...inTable, name: "p", columns: [name] },
      { kind: "schema", name },
      { kind: "sequence", schema: name, name: "s" },
      { kind: "table", schema: name, name, comment: name },
    ] as never);
    expect(graph.unmodelled).toEqual([]);
  });

  test("names what is not modelled", async () => {
    const script = `create schema ${quoted}; create text search parser ${at} (start = prsd_start,
      gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype); create conversion ${at} for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8`;
    expect((await bench.graphOf(script)).unmodelled).toEqual([
      { kind: "conversion", name: at },
      { kind: "text search parser", name: at },
    ]);
  });
});

/** Names as the server prints them: it quotes by the same rule as we do for all names here. */
function quotedByServer(name: string): string {
  return quoteIdent(name);
}

describe("names that the server makes", () => {
  const pairs = [
    ["t", "c"],
    ["t".repeat(63), "c"],
    ["t", "c".repeat(63)],
    ["t".repeat(40), "c".repeat(40)],
    ["t".repeat(30), "c".repeat(29)],
    ["ä".repeat(31), "c".repeat(40)],
    ["t".repeat(50), "名".repeat(20)],
    [`${"t".repeat(27)}🦉🦉`, `${"c".repeat(27)}🦉`],
  ] as const;

  test("are cut as the server cuts them", async () => {
    for (const [table, column] of pairs) {
      await bench.reset();
      await bench.run(`create table ${quoteIdent(table)} (${quoteIdent(column)} int generated always as identity)`);
      const [row] = await bench.session.rows(
        `select c.relname${bench.server < 180000 ? "" : ", (select k.conname from pg_catalog.pg_constraint k where k.contype = 'n' and k.conrelid >= 16384)"}
         from pg_catalog.pg_class c where c.relkind = 'S' order by 1`,
      );
      expect(row?.[0]).toBe(serverMadeName(table, column, "seq"));
      if (bench.server >= 180000) expect(row?.[1]).toBe(serverMadeName(table, column, "not_null"));
      const graph = await bench.read();
      expect(graph.objects.get(`column:public.${quoteIdent(table)}.${quoteIdent(column)}`)).toEqual({
        kind: "column",
        schema: "public",
        table,
        name: column,
        position: 1,
        type: "integer",
        notNull: true,
        identity: { generation: "always" },
      });
      expect(graph.unmodelled).toEqual([]);
    }
  });
});
