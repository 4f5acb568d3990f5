/** The rules of replica identities, clustering, exclusion constraints and statistics objects: part of the table in kinds.ts. */
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { idPath } from "./ids.ts";
import type { ObjectKind, ObjectOf, SchemaObject } from "./object.ts";
import { isRebuilt } from "./type-kinds.ts";

type OnTable = { readonly schema: string; readonly table: string };

const tableOf = (o: OnTable): string => `table:${idPath([o.schema, o.table])}`;

/** The key of an index of that name: what a table is clustered by or identified with. */
export function indexKey(o: { readonly schema: string; readonly name: string }): string {
  return `index:${idPath([o.schema, o.name])}`;
}

export const storageRules = {
  exclusion: {
    label: "exclusion constraint",
    address: (o: ObjectOf<"exclusion">) => `constraint ${quoteIdent(o.name)} on ${qualified(o.schema, o.table)}`,
    rank: 9,
    path: (o: ObjectOf<"exclusion">) => [o.schema, o.table, o.name],
    parent: tableOf,
    references: (o: ObjectOf<"exclusion">) => o.columns.map((name) => `column:${idPath([o.schema, o.table, name])}`),
    provides: (o: ObjectOf<"exclusion">) => [indexKey(o)],
    occupies: (o: ObjectOf<"exclusion">) => [
      `relation:${idPath([o.schema, o.name])}`,
      `constraint:${idPath([o.schema, o.table, o.name])}`,
    ],
    disrupts: (_before: unknown, _after: unknown, attributes: readonly string[]) =>
      attributes.some((name) => name !== "comment"),
    binds: (_: unknown, to: ObjectKind) => isRebuilt(to),
  },
  replicaIdentity: {
    label: "replica identity",
    rank: 11,
    path: (o: ObjectOf<"replicaIdentity">) => [o.schema, o.table],
    parent: tableOf,
    relies: (o: ObjectOf<"replicaIdentity">) =>
      o.index === undefined ? [] : [indexKey({ schema: o.schema, name: o.index })],
  },
  clustering: {
    label: "clustering",
    rank: 11,
    path: (o: ObjectOf<"clustering">) => [o.schema, o.table],
    parent: tableOf,
    relies: (o: ObjectOf<"clustering">) => [indexKey({ schema: o.schema, name: o.index })],
  },
  statistics: {
    label: "statistics",
    address: (o: ObjectOf<"statistics">) => `statistics ${qualified(o.schema, o.name)}`,
    rank: 10,
    path: (o: ObjectOf<"statistics">) => [o.schema, o.name],
    parent: (o: ObjectOf<"statistics">) => tableOf(o.on),
    references: (o: ObjectOf<"statistics">) => [`schema:${idPath([o.schema])}`],
    occupies: (o: ObjectOf<"statistics">) => [`statistics:${idPath([o.schema, o.name])}`],
    // The name is the schema's, so statistics of the same name may be on another table now.
    remade: (before: ObjectOf<"statistics">, after: ObjectOf<"statistics">) =>
      before.on.schema !== after.on.schema || before.on.table !== after.on.table,
    // The server makes statistics on plain columns again by itself; expressions may mean nothing any more.
    binds: (o: ObjectOf<"statistics">, to: ObjectKind, before: SchemaObject, after: SchemaObject) =>
      isRebuilt(to) ||
      (before.kind === "column" &&
        after.kind === "column" &&
        before.type !== after.type &&
        / ON .*\(/.test(o.definition)),
  },
} as const;
