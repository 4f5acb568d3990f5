/** alterColumnNullable: NOT NULL on or off. On goes the online way: a check, its validation, then SET NOT NULL. */
import * as v from "valibot";
import type { SchemaGraph } from "../model/graph.ts";
import { allFollowersOf } from "../model/inheritance.ts";
import { columnId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { onTablePlace } from "./part.ts";
import {
  alterColumn,
  type ColumnPlace,
  columnInWords,
  columnPlace,
  editColumn,
  onFreshTable,
  placeOf,
  tableIdOf,
  tableOf,
} from "./place.ts";
import { onlineNotNull, plainNotNull } from "./sql/not-null.ts";
import {
  addNotNull,
  type NotNullMembers,
  notNullConstraintsSince,
  notNullIdOf,
  notNullIn,
  notNullMembers,
  notNullOf,
} from "./sql/not-null-constraint.ts";
import { nullsProbe } from "./sql/probe.ts";

const payload = v.strictObject({
  ...columnPlace,
  notNull: v.boolean(),
  /** its constraint, where that is to be other than SET NOT NULL makes it (18) */
  constraint: v.optional(v.strictObject(notNullMembers)),
  /**
   * tables that follow and whose column becomes nullable as well: it may have become theirs, as by a key of a partition, and
   * then stays when the parent's goes (18)
   */
  followers: v.optional(v.array(v.strictObject(onTablePlace))),
});

type AlterColumnNullable = v.InferOutput<typeof payload>;

export const alterColumnNullable = defineOperation<"alterColumnNullable", AlterColumnNullable>({
  kind: "alterColumnNullable",
  family: "alter",
  product: true,
  summary: "make a column NOT NULL, or nullable",
  base: "high",
  baseNote: "low when the column becomes nullable",
  reasons: ["changes_column_nullable_to_not_null"],
  payload,
  on: ["alter column.notNull"],
  claims: (change, context) => {
    if (change.type !== "alter" || change.before.kind !== "column" || change.after.kind !== "column") return undefined;
    const { before, after, id } = change;
    // An identity column cannot be nullable: the operation that ends the identity also ends NOT NULL.
    if (before.identity !== undefined && after.identity === undefined && context.alters(id, "identity"))
      return undefined;
    if (after.notNull) return { ...placeOf(after), notNull: true, ...constraintIn(context.after, after) };
    return { ...placeOf(after), notNull: false, ...followersOf(context.after, after) };
  },
  absorbs: (op, change) => change.type === (op.notNull ? "create" : "drop") && change.id === notNullIdOf(op),
  describe: columnInWords,
  emit: (op, context) => {
    if (!op.notNull) {
      const places = [op, ...(op.followers ?? []).map((at) => ({ ...at, name: op.name }))];
      const drop = (at: ColumnPlace) =>
        statement(`${alterColumn(at)} drop not null`, "access exclusive", [tableOf(at)]);
      return [together(...places.map(drop))];
    }
    if (op.constraint !== undefined && context.server >= notNullConstraintsSince) {
      return addNotNull(op, op.constraint, context.isFresh(tableIdOf(op)));
    }
    return context.isFresh(tableIdOf(op)) ? [plainNotNull(op)] : onlineNotNull(op);
  },
  invert: (op, before) => ({
    reversible: true,
    operations: [
      operation("alterColumnNullable", {
        ...placeOf(op),
        notNull: !op.notNull,
        ...(op.notNull ? followersOf(before, op) : constraintIn(before, op)),
      }),
    ],
  }),
  predict: (op, graph) => [
    ...editColumn(graph, op, { notNull: op.notNull ? true : undefined }),
    ...(op.constraint === undefined ? [] : [{ put: notNullOf(op, op.constraint) }]),
    ...(!op.notNull && graph.objects.has(notNullIdOf(op)) ? [{ drop: notNullIdOf(op) }] : []),
  ],
  risks: (op, facts) => {
    if (onFreshTable(op, facts)) return [finding("safe", undefined, "the table is made in the same migration")];
    if (op.constraint?.notValid) {
      return [finding("medium", "changes_column_nullable_to_not_null", "writers that leave it out fail from then on")];
    }
    if (!op.notNull) return [finding("low", undefined, "readers may not expect NULL in it")];
    return [
      sizedFinding(
        facts,
        op,
        "high",
        "changes_column_nullable_to_not_null",
        "fails when a row holds NULL, and writers that leave it out fail from then on; every row is read while writes go on",
      ),
    ];
  },
  probes: (op) => (op.notNull && !op.constraint?.notValid ? [nullsProbe(op)] : []),
  examples: [
    {
      name: "to not null",
      before: "create table users (id int, email text)",
      op: { schema: "public", table: "users", name: "email", notNull: true },
      after: "create table users (id int, email text not null)",
    },
    {
      name: "to not null under a name, old rows unchecked, with a comment",
      before: "create table users (id int, email text)",
      op: {
        schema: "public",
        table: "users",
        name: "email",
        notNull: true,
        constraint: { name: "known", notValid: true, comment: "since 2024" },
      },
      after: `create table users (id int, email text); alter table users add constraint known not null email not valid;
        comment on constraint known on users is 'since 2024'`,
      since: 180000,
    },
    {
      name: "to not null under a name",
      before: "create table users (id int, email text)",
      op: { schema: "public", table: "users", name: "email", notNull: true, constraint: { name: "known" } },
      after: "create table users (id int, email text constraint known not null)",
      since: 180000,
    },
    {
      name: "to nullable",
      before: "create table users (id int, email text not null)",
      op: { schema: "public", table: "users", name: "email", notNull: false },
      after: "create table users (id int, email text)",
    },
    {
      name: "to not null, quoted and long names",
      before: `create table "Table with a long name, spaces and ""quotes"" äöü" (id int, "Column of a long name äöü" text)`,
      op: {
        schema: "public",
        table: 'Table with a long name, spaces and "quotes" äöü',
        name: "Column of a long name äöü",
        notNull: true,
      },
      after: `create table "Table with a long name, spaces and ""quotes"" äöü" (id int, "Column of a long name äöü" text not null)`,
    },
    {
      name: "to nullable with a partition whose key made it its own",
      before: `create table t (id int not null) partition by list (id); create table t_1 partition of t for values in (1);
        alter table t_1 add constraint k primary key (id); alter table t_1 drop constraint k`,
      op: {
        schema: "public",
        table: "t",
        name: "id",
        notNull: false,
        followers: [{ schema: "public", table: "t_1" }],
      },
      after: "create table t (id int) partition by list (id); create table t_1 partition of t for values in (1)",
    },
  ],
});

function constraintIn(graph: SchemaGraph, place: ColumnPlace): { constraint?: NotNullMembers } {
  const constraint = notNullIn(graph, place);
  return constraint === undefined ? {} : { constraint };
}

/** The tables that follow and whose column of that name takes NULL in a graph. */
function followersOf(graph: SchemaGraph, place: ColumnPlace): { followers?: { schema: string; table: string }[] } {
  const followers = allFollowersOf(graph, tableIdOf(place)).flatMap(({ schema, name: table }) => {
    const column = graph.objects.get(columnId(schema, table, place.name));
    return column?.kind === "column" && !column.notNull ? [{ schema, table }] : [];
  });
  return followers.length === 0 ? {} : { followers };
}
