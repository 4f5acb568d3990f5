/** Worked examples of rebuildType: its documentation and its tests. */
import type { Example } from "./define.ts";
import type { RebuildType } from "./rebuild-type-payload.ts";

export const rebuildTypeExamples: readonly Example<RebuildType>[] = [
  {
    name: "a domain over another type, what is granted stays",
    before: `create domain quantity as int; create table lines (qty quantity); revoke usage on type quantity from public;
      grant usage on type quantity to pg_monitor`,
    op: {
      type: { kind: "domain", schema: "public", name: "quantity", type: "bigint" },
      replaces: { kind: "domain", schema: "public", name: "quantity", type: "integer" },
      columns: [{ schema: "public", table: "lines", column: "qty", type: "public.quantity" }],
      grants: [
        {
          kind: "grant",
          on: { kind: "domain", schema: "public", name: "quantity" },
          to: "pg_monitor",
          usage: "granted",
        },
        { kind: "grant", on: { kind: "domain", schema: "public", name: "quantity" }, to: "public", usage: "none" },
      ],
    },
    after: `create domain quantity as bigint; create table lines (qty quantity); revoke usage on type quantity from public;
      grant usage on type quantity to pg_monitor`,
  },
  {
    name: "a domain over another type, with a check, a default and a comment",
    before: `create domain quantity as int default 1 constraint positive check (value > 0); comment on domain quantity is 'how many';
      create table lines (id int, qty quantity not null default 2); create index lines_qty on lines (qty)`,
    op: {
      type: {
        kind: "domain",
        schema: "public",
        name: "quantity",
        type: "bigint",
        default: "1",
        comment: "how many",
      },
      replaces: {
        kind: "domain",
        schema: "public",
        name: "quantity",
        type: "integer",
        default: "1",
        comment: "how many",
      },
      checks: [
        {
          kind: "domainCheck",
          schema: "public",
          domain: "quantity",
          name: "positive",
          expression: "((VALUE > 0))",
        },
      ],
      columns: [{ schema: "public", table: "lines", column: "qty", type: "public.quantity", default: "2" }],
    },
    after: `create domain quantity as bigint default 1 constraint positive check (value > 0); comment on domain quantity is 'how many';
      create table lines (id int, qty quantity not null default 2); create index lines_qty on lines (qty)`,
  },
  {
    name: "a domain of longer texts, in an array, with keys and quoted names",
    before: `create schema "App"; create domain "App"."Code" as varchar(5); create table a ("C" "App"."Code" primary key, many "App"."Code"[]);
      create table b (c "App"."Code" constraint known references a)`,
    op: {
      type: { kind: "domain", schema: "App", name: "Code", type: "text" },
      replaces: { kind: "domain", schema: "App", name: "Code", type: "character varying(5)" },
      columns: [
        { schema: "public", table: "a", column: "C", type: '"App"."Code"' },
        { schema: "public", table: "a", column: "many", type: '"App"."Code"[]' },
        { schema: "public", table: "b", column: "c", type: '"App"."Code"' },
      ],
      foreignKeys: [
        {
          kind: "foreignKey",
          schema: "public",
          table: "b",
          name: "known",
          columns: ["c"],
          references: { schema: "public", table: "a", columns: ["C"] },
        },
      ],
    },
    after: `create schema "App"; create domain "App"."Code" as text; create table a ("C" "App"."Code" primary key, many "App"."Code"[]);
      create table b (c "App"."Code" constraint known references a)`,
  },
  {
    name: "an attribute of a composite type gets another type",
    before: "create type pair as (a int, b varchar(5)); create table t (p pair, ps pair[])",
    op: {
      type: {
        kind: "compositeType",
        schema: "public",
        name: "pair",
        attributes: [
          { name: "a", type: "bigint" },
          { name: "b", type: "character varying(5)" },
        ],
      },
      replaces: {
        kind: "compositeType",
        schema: "public",
        name: "pair",
        attributes: [
          { name: "a", type: "integer" },
          { name: "b", type: "character varying(5)" },
        ],
      },
      columns: [
        { schema: "public", table: "t", column: "p", type: "public.pair" },
        { schema: "public", table: "t", column: "ps", type: "public.pair[]" },
      ],
    },
    after: "create type pair as (a bigint, b varchar(5)); create table t (p pair, ps pair[])",
  },
  {
    name: "the attributes of a composite type in another order",
    before: `create type "Pair" as ("A" int, b text); create table t ("P" "Pair")`,
    op: {
      type: {
        kind: "compositeType",
        schema: "public",
        name: "Pair",
        attributes: [
          { name: "b", type: "text" },
          { name: "A", type: "integer" },
        ],
      },
      replaces: {
        kind: "compositeType",
        schema: "public",
        name: "Pair",
        attributes: [
          { name: "A", type: "integer" },
          { name: "b", type: "text" },
        ],
      },
      columns: [{ schema: "public", table: "t", column: "P", type: 'public."Pair"' }],
    },
    after: `create type "Pair" as (b text, "A" int); create table t ("P" "Pair")`,
  },
  {
    name: "a range over another type, with a column of its multirange",
    before:
      "create type seats as range (subtype = int); create table t (s seats default '[1,2)', many seats_multirange[])",
    op: {
      type: { kind: "rangeType", schema: "public", name: "seats", subtype: "bigint", multirange: "seats_multirange" },
      replaces: {
        kind: "rangeType",
        schema: "public",
        name: "seats",
        subtype: "integer",
        multirange: "seats_multirange",
      },
      columns: [
        { schema: "public", table: "t", column: "s", type: "public.seats", default: "'[1,2)'::public.seats" },
        { schema: "public", table: "t", column: "many", type: "public.seats_multirange[]" },
      ],
    },
    after:
      "create type seats as range (subtype = bigint); create table t (s seats default '[1,2)', many seats_multirange[])",
  },
  {
    name: "a collation with another locale, under a column and its index",
    before: `create collation plain (provider = libc, locale = 'C'); create table t (a text collate plain default 'x'); create index i on t (a)`,
    op: {
      type: { kind: "collation", schema: "public", name: "plain", provider: "libc", locale: "POSIX" },
      replaces: { kind: "collation", schema: "public", name: "plain", provider: "libc", locale: "C" },
      columns: [
        { schema: "public", table: "t", column: "a", type: "text", collation: "public.plain", default: "'x'::text" },
      ],
    },
    after: `create collation plain (provider = libc, locale = 'POSIX'); create table t (a text collate plain default 'x'); create index i on t (a)`,
  },
];
