/** The rules of what reads other servers: part of the table in kinds.ts. */
import { sameValue } from "../base/ordered.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import type { ForeignColumn } from "./foreign-objects.ts";
import { idPath } from "./ids.ts";
import type { KindRule } from "./kind-rule.ts";
import type { ObjectOf } from "./object.ts";

/** Ids as kinds.ts makes them. */
const idOf = (kind: string, ...parts: readonly string[]): string => `${kind}:${idPath(parts)}`;

/**
 * Whether ALTER FOREIGN TABLE leads from one list of columns to another: columns go, change, and come at the end. What a
 * column computes cannot be altered in all versions.
 */
export function foreignColumnsAlterable(before: readonly ForeignColumn[], after: readonly ForeignColumn[]): boolean {
  const now = new Map(after.map((column) => [column.name, column]));
  const kept = before.filter(({ name }) => now.has(name));
  const sameOrder = kept.every(({ name }, at) => after[at]?.name === name);
  return sameOrder && kept.every((column) => sameValue(column.generated, now.get(column.name)?.generated));
}

/** Whether columns that others may name go or get another type. */
function columnsEnd(before: readonly ForeignColumn[], after: readonly ForeignColumn[]): boolean {
  const now = new Map(after.map((column) => [column.name, column]));
  return before.some(({ name, type, collation }) => {
    const column = now.get(name);
    return column === undefined || column.type !== type || column.collation !== collation;
  });
}

type ForeignKinds = "foreignDataWrapper" | "foreignServer" | "userMapping" | "foreignTable";

export const foreignRules: { readonly [K in ForeignKinds]: KindRule<K> } = {
  foreignDataWrapper: {
    label: "foreign data wrapper",
    address: (o) => `foreign data wrapper ${quoteIdent(o.name)}`,
    rank: 2,
    path: (o) => [o.name],
    references: (o) => [
      ...(o.handler ? [`${idOf("function", o.handler.schema, o.handler.name)}()`] : []),
      ...(o.validator ? [`${idOf("function", o.validator.schema, o.validator.name)}(text[], oid)`] : []),
    ],
  },
  foreignServer: {
    label: "foreign server",
    address: (o) => `server ${quoteIdent(o.name)}`,
    rank: 3,
    path: (o) => [o.name],
    references: (o) => [idOf("foreignDataWrapper", o.wrapper)],
    remade: (_before, _after, attributes) => attributes.includes("wrapper") || attributes.includes("type"),
  },
  userMapping: {
    label: "user mapping",
    rank: 4,
    path: (o) => [o.server, o.name],
    references: (o) => [idOf("foreignServer", o.server)],
  },
  foreignTable: {
    label: "foreign table",
    address: (o) => `foreign table ${qualified(o.schema, o.name)}`,
    rank: 4,
    path: (o) => [o.schema, o.name],
    references: (o) => [idOf("schema", o.schema), idOf("foreignServer", o.server)],
    occupies: (o) => [`relation:${idPath([o.schema, o.name])}`, `type:${idPath([o.schema, o.name])}`],
    remade: (before: ObjectOf<"foreignTable">, after: ObjectOf<"foreignTable">) =>
      before.server !== after.server || !foreignColumnsAlterable(before.columns, after.columns),
    disrupts: (before, after) => columnsEnd(before.columns, after.columns),
    binds: () => true,
  },
};
