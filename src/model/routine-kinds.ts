/** The rules of routines, views and what fires on tables: part of the table in kinds.ts. */
import { sameValue } from "../base/ordered.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { idPath } from "./ids.ts";
import { inSchema, inTable, onTable, relation, relationOf, schemaOf } from "./kind-names.ts";
import type { KindRule } from "./kind-rule.ts";
import { addressedArguments, isReplaceable } from "./routine.ts";
import { isRebuilt } from "./type-kinds.ts";

/** Whether a list begins with all of another one. */
function startsWith(list: readonly unknown[], start: readonly unknown[]): boolean {
  return start.length <= list.length && start.every((item, at) => sameValue(item, list[at]));
}

type RoutineKind = "function" | "procedure" | "aggregate";

/** The rule of a kind of routine: all of them share names and the limits of CREATE OR REPLACE. */
function routineRule<K extends RoutineKind>(kind: K): KindRule<RoutineKind> {
  return {
    label: kind,
    address: (o) => `${kind} ${qualified(o.schema, o.name)}(${addressedArguments(o)})`,
    rank: 3,
    path: inSchema,
    signature: (o) => o.arguments,
    references: (o) => [schemaOf(o)],
    occupies: (o) => [`routine:${idPath(inSchema(o))}(${o.arguments})`],
    remade: (before, after) => !isReplaceable(before, after),
    binds: (_, to) => to === "column" || isRebuilt(to),
  };
}

type Kinds = RoutineKind | "trigger" | "rule" | "view" | "materializedView" | "eventTrigger";

export const routineRules: { readonly [K in Kinds]: KindRule<K> } = {
  function: routineRule("function"),
  procedure: routineRule("procedure"),
  aggregate: routineRule("aggregate"),
  trigger: {
    label: "trigger",
    address: (o) => `trigger ${onTable(o)}`,
    rank: 14,
    path: inTable,
    parent: relationOf,
    remade: (_before, _after, attributes) => attributes.includes("on"),
    binds: (_, to) => to === "column" || isRebuilt(to),
  },
  rule: {
    label: "rule",
    address: (o) => `rule ${onTable(o)}`,
    rank: 14,
    path: inTable,
    parent: relationOf,
    remade: (_before, _after, attributes) => attributes.includes("on"),
    binds: () => true,
  },
  view: {
    label: "view",
    address: (o) => `view ${qualified(o.schema, o.name)}`,
    rank: 4,
    path: inSchema,
    references: (o) => [schemaOf(o)],
    occupies: (o) => [relation(o.schema, o.name), `type:${idPath(inSchema(o))}`],
    remade: (before, after) => !startsWith(after.columns, before.columns),
    binds: () => true,
  },
  materializedView: {
    label: "materialized view",
    address: (o) => `materialized view ${qualified(o.schema, o.name)}`,
    rank: 4,
    path: inSchema,
    references: (o) => [schemaOf(o)],
    occupies: (o) => [relation(o.schema, o.name), `type:${idPath(inSchema(o))}`],
    remade: (_before, _after, attributes) => attributes.includes("definition") || attributes.includes("columns"),
    binds: () => true,
  },
  eventTrigger: {
    label: "event trigger",
    address: (o) => `event trigger ${quoteIdent(o.name)}`,
    // It fires on what is done after it, so it comes last.
    rank: 90,
    path: (o) => [o.name],
    references: (o) => [`function:${idPath(inSchema(o.function))}()`],
  },
};
