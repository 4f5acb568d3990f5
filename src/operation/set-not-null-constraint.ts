/**
 * setNotNullConstraint: the name of a NOT NULL constraint, whether it is valid, whether it is inherited, and its comment (18).
 * That a column is NOT NULL at all is alterColumnNullable's.
 */
import * as v from "valibot";
import { toolError } from "../base/errors.ts";
import { allFollowersOf } from "../model/inheritance.ts";
import { columnId, makeId } from "../model/kinds.ts";
import type { NotNull, SchemaObject } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { serverMadeName } from "../sql/identifier.ts";
import { defineOperation, operation } from "./define.ts";
import { columnInWords, columnPlace, onFreshTable, tableIdOf, withMembers } from "./place.ts";
import {
  defaultNotNull,
  type NotNullMembers,
  notNullChange,
  notNullConstraintsSince,
  notNullIdOf,
  notNullMembers,
  notNullOf,
} from "./sql/not-null-constraint.ts";

const members = v.optional(v.strictObject(notNullMembers));

const payload = v.strictObject({
  ...columnPlace,
  /** as it is; absent: as SET NOT NULL makes it */
  from: members,
  /** as it will be; absent: as SET NOT NULL makes it */
  to: members,
});

type SetNotNullConstraint = v.InferOutput<typeof payload>;

export const setNotNullConstraint = defineOperation<"setNotNullConstraint", SetNotNullConstraint>({
  kind: "setNotNullConstraint",
  family: "index & constraint",
  product: false,
  summary: "rename, validate or comment on a NOT NULL constraint (18 and later)",
  base: "low",
  reasons: [],
  payload,
  on: ["create notNull", "drop notNull", "alter notNull.*", "alter notNull.comment"],
  claims: (change) => {
    const before = change.type === "create" ? undefined : (change.before as NotNull);
    const after = change.type === "drop" ? undefined : (change.after as NotNull);
    const object = after ?? before;
    if (object === undefined) return undefined;
    return { schema: object.schema, table: object.table, name: object.column, ...ends(before, after) };
  },
  absorbs: (op, change) => change.type === "alter" && change.id === notNullIdOf(op),
  follows: (op) =>
    (["check", "unique", "primaryKey", "foreignKey", "exclusion"] as const).map((kind) =>
      makeId(kind, op.schema, op.table, op.to?.name ?? serverMadeName(op.table, op.name, "not_null")),
    ),
  describe: columnInWords,
  emit: (op, context) => {
    if (context.server < notNullConstraintsSince) {
      throw toolError({
        code: "not_supported",
        what: `cannot change the NOT NULL constraint of ${columnInWords(op)} on this server`,
        why: "NOT NULL is a constraint with a name from Postgres 18 on",
        state: "nothing was changed",
        next: "leave the constraint as SET NOT NULL makes it, or apply the migration to a newer server",
      });
    }
    return notNullChange(
      op,
      op.from ?? defaultNotNull(op),
      op.to ?? defaultNotNull(op),
      context.isFresh(tableIdOf(op)),
    );
  },
  invert: ({ schema, table, name, from, to }) => ({
    reversible: true,
    operations: [
      operation("setNotNullConstraint", {
        schema,
        table,
        name,
        ...(to === undefined ? {} : { from: to }),
        ...(from === undefined ? {} : { to: from }),
      }),
    ],
  }),
  predict: (op, graph) => {
    const id = notNullIdOf(op);
    const own = op.to !== undefined ? [{ put: notNullOf(op, op.to) }] : graph.objects.has(id) ? [{ drop: id }] : [];
    const [from, to] = [op.from ?? defaultNotNull(op), op.to ?? defaultNotNull(op)];
    // A rename is carried through to the tables that follow and have the name from here.
    const followers = allFollowersOf(graph, tableIdOf(op)).flatMap((table) => {
      const column = graph.objects.get(columnId(table.schema, table.name, op.name));
      if (column?.kind !== "column" || column.notNullName !== from.name) return [];
      const usual = serverMadeName(table.name, op.name, "not_null");
      return [{ put: withMembers(column, { notNullName: to.name === usual ? undefined : to.name }) as SchemaObject }];
    });
    return [...own, ...followers];
  },
  risks: (op, facts) => {
    if (onFreshTable(op, facts)) return [finding("safe", undefined, "the table is made in the same migration")];
    if (op.from?.notValid && !op.to?.notValid) {
      return [sizedFinding(facts, op, "low", undefined, "reads every row while reads and writes go on")];
    }
    if (op.to?.notValid && !op.from?.notValid) {
      return [finding("low", undefined, "old rows may hold NULL from then on")];
    }
    return [finding("low", undefined, "messages and tools say the new name from then on; rows stay as they are")];
  },
  examples: [
    {
      name: "a name",
      before: "create table users (id int, mail text not null)",
      op: { schema: "public", table: "users", name: "mail", to: { name: "mail_is_known" } },
      after: "create table users (id int, mail text constraint mail_is_known not null)",
      since: notNullConstraintsSince,
    },
    {
      name: "validated, its name as usual, quoted names, with a comment",
      before: `create table "User" ("E-Mail" text); alter table "User" add constraint "Known" not null "E-Mail" not valid`,
      op: {
        schema: "public",
        table: "User",
        name: "E-Mail",
        from: { name: "Known", notValid: true },
        to: { name: "User_E-Mail_not_null", comment: "old rows as well" },
      },
      after: `create table "User" ("E-Mail" text not null);
        comment on constraint "User_E-Mail_not_null" on "User" is 'old rows as well'`,
      since: notNullConstraintsSince,
    },
    {
      name: "not inherited",
      before: "create table users (mail text constraint known not null)",
      op: {
        schema: "public",
        table: "users",
        name: "mail",
        from: { name: "known" },
        to: { name: "known", noInherit: true },
      },
      after: "create table users (mail text constraint known not null no inherit)",
      since: notNullConstraintsSince,
    },
    {
      name: "no longer valid for old rows",
      before: "create table users (mail text not null)",
      op: { schema: "public", table: "users", name: "mail", to: { name: "users_mail_not_null", notValid: true } },
      after: "create table users (mail text); alter table users add not null mail not valid",
      since: notNullConstraintsSince,
    },
  ],
});

function ends(before: NotNull | undefined, after: NotNull | undefined): { from?: NotNullMembers; to?: NotNullMembers } {
  return {
    ...(before === undefined ? {} : { from: membersOf(before) }),
    ...(after === undefined ? {} : { to: membersOf(after) }),
  };
}

/** What a constraint has beside its column. */
function membersOf({ name, noInherit, notValid, comment }: NotNull): NotNullMembers {
  return {
    name,
    ...(noInherit ? { noInherit } : {}),
    ...(notValid ? { notValid } : {}),
    ...(comment === undefined ? {} : { comment }),
  };
}
