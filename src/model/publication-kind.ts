/** The rule of publications: part of the table in kinds.ts. */
import { quoteIdent } from "../sql/identifier.ts";
import { idPath } from "./ids.ts";
import type { KindRule } from "./kind-rule.ts";
import { isRebuilt } from "./type-kinds.ts";

export const publicationRule: KindRule<"publication"> = {
  label: "publication",
  address: (o) => `publication ${quoteIdent(o.name)}`,
  // It takes tables as they are, so it comes after them.
  rank: 80,
  path: (o) => [o.name],
  references: (o) => [
    ...(o.tables ?? []).flatMap(({ schema, table, columns = [] }) => [
      `table:${idPath([schema, table])}`,
      ...columns.map((column) => `column:${idPath([schema, table, column])}`),
    ]),
    ...(o.schemas ?? []).map((schema) => `schema:${idPath([schema])}`),
  ],
  remade: (_before, _after, attributes) => attributes.includes("allTables"),
  // The type of a column that a list or a filter names cannot be changed (15 to 18).
  binds: (_, to) => to === "column" || isRebuilt(to),
};
