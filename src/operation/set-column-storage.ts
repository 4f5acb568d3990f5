/** setColumnStorage: where long values of a column go and how they are compressed. Values that are there stay as they are. */
import * as v from "valibot";
import { getObject, type SchemaGraph } from "../model/graph.ts";
import { type Column, columnStorage } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { statement, together } from "../sql/statement.ts";
import { parseType } from "../sql/type-change.ts";
import { defineOperation, operation } from "./define.ts";
import { columnIdOf, columnInWords, columnPlace, editColumn, placeOf, tableOf } from "./place.ts";
import { storageActions } from "./sql/storage.ts";

const members = v.strictObject(columnStorage);

const payload = v.strictObject({
  ...columnPlace,
  /** both members as they are; absent ones are the type's and the server's defaults */
  from: members,
  /** both members as they will be */
  to: members,
  /** what columns of the type have unless told otherwise: servers before 16 know no word for it */
  usual: v.picklist(["plain", "external", "extended", "main"]),
});

type SetColumnStorage = v.InferOutput<typeof payload>;

export const setColumnStorage = defineOperation<"setColumnStorage", SetColumnStorage>({
  kind: "setColumnStorage",
  family: "alter",
  product: false,
  summary: "say where long values of a column go and how they are compressed",
  base: "low",
  reasons: [],
  payload,
  on: ["alter column.storage", "alter column.compression"],
  claims: (change, context) => {
    if (change.type !== "alter" || change.before.kind !== "column" || change.after.kind !== "column") return undefined;
    const usual = usualStorage(change.after.type, context.after);
    return { ...placeOf(change.after), from: membersOf(change.before), to: membersOf(change.after), usual };
  },
  absorbs: (op, change) =>
    change.type === "alter" &&
    change.id === columnIdOf(op) &&
    (change.attribute === "storage" || change.attribute === "compression"),
  describe: columnInWords,
  emit: (op, context) => {
    const actions = storageActions(op, op.from, op.to, context.server >= 160000 ? "default" : op.usual);
    return [
      together(statement(`alter table only ${tableOf(op)} ${actions.join(", ")}`, "access exclusive", [tableOf(op)])),
    ];
  },
  invert: (op) => ({
    reversible: true,
    operations: [operation("setColumnStorage", { ...placeOf(op), from: op.to, to: op.from, usual: op.usual })],
  }),
  predict: (op, graph) => editColumn(graph, op, { storage: op.to.storage, compression: op.to.compression }),
  risks: () => [finding("low", undefined, "holds for values that are written from then on; nothing is rewritten")],
  examples: [
    {
      name: "out of line and not compressed",
      before: "create table docs (id int, body text)",
      op: { schema: "public", table: "docs", name: "body", from: {}, to: { storage: "external" }, usual: "extended" },
      after: "create table docs (id int, body text); alter table docs alter body set storage external",
    },
    {
      name: "another compression, storage as usual, quoted names",
      before: `create table "Doc" (id int, "Body" jsonb); alter table "Doc" alter "Body" set storage main`,
      op: {
        schema: "public",
        table: "Doc",
        name: "Body",
        from: { storage: "main" },
        to: { compression: "pglz" },
        usual: "extended",
      },
      after: `create table "Doc" (id int, "Body" jsonb compression pglz)`,
    },
    {
      name: "a domain over numbers, as usual again",
      before:
        "create domain price as numeric; create table lines (p price); alter table lines alter p set storage extended",
      op: { schema: "public", table: "lines", name: "p", from: { storage: "extended" }, to: {}, usual: "main" },
      after: "create domain price as numeric; create table lines (p price)",
    },
  ],
});

function membersOf(column: Column): SetColumnStorage["from"] {
  return {
    ...(column.storage === undefined ? {} : { storage: column.storage }),
    ...(column.compression === undefined ? {} : { compression: column.compression }),
  };
}

const fixedTypes = new Set(
  [
    "smallint integer bigint real boolean date uuid money oid name macaddr macaddr8 point line lseg box circle interval",
    "xid cid tid",
  ]
    .join(" ")
    .split(" "),
);
const moments = /^(?:timestamp|time)\b/;

/** Domains over domains end somewhere; this many levels are looked through. */
const maxDomainDepth = 32;

/** What pg_type.typstorage says of a type (pg_type.dat, the same in 14 to 18); of a domain, its base type's. */
function usualStorage(type: string, graph: SchemaGraph): SetColumnStorage["usual"] {
  let text = type;
  for (let depth = 0; depth < maxDomainDepth; depth++) {
    const domain = domainNamed(graph, text);
    if (domain === undefined) break;
    text = domain;
  }
  const { base, array } = parseType(text);
  if (array) return "extended";
  if (base === "numeric" || base === "inet" || base === "cidr") return "main";
  if (base === '"char"' || base === "double precision" || fixedTypes.has(base) || moments.test(base)) return "plain";
  return getObject(graph, "enum", `enum:${base}`) === undefined ? "extended" : "plain";
}

function domainNamed(graph: SchemaGraph, type: string): string | undefined {
  return getObject(graph, "domain", `domain:${type}`)?.type;
}
