/** NOT NULL as a constraint of its own (18): its payload members, its object, and the SQL that makes and changes one. */
import * as v from "valibot";
import type { SchemaGraph } from "../../model/graph.ts";
import { getObject } from "../../model/graph.ts";
import { makeId, type ObjectId } from "../../model/kinds.ts";
import { type NotNull, notNullSchema } from "../../model/object.ts";
import { quoteIdent, serverMadeName } from "../../sql/identifier.ts";
import { type CatalogQuestion, type Segment, type Statement, statement, together } from "../../sql/statement.ts";
import { alterColumn, type ColumnPlace, tableOf } from "../place.ts";
import { commentStatement } from "./comment.ts";

const { name, noInherit, notValid, comment } = notNullSchema.entries;

/** Payload members that say what a constraint is like. */
export const notNullMembers = { name, noInherit, notValid, comment };

const shape = v.strictObject(notNullMembers);
export type NotNullMembers = v.InferOutput<typeof shape>;

/** First server_version_num that keeps NOT NULL as a constraint with a name. */
export const notNullConstraintsSince = 180000;

/** The constraint as SET NOT NULL makes it. */
export function defaultNotNull(place: ColumnPlace): NotNullMembers {
  return { name: serverMadeName(place.table, place.name, "not_null") };
}

/** The id of what is said of a column's constraint. */
export function notNullIdOf(place: ColumnPlace): ObjectId {
  return makeId("notNull", place.schema, place.table, place.name);
}

/** The object of a constraint. */
export function notNullOf({ schema, table, name: column }: ColumnPlace, members: NotNullMembers): NotNull {
  return { kind: "notNull", schema, table, column, ...members };
}

/** What a graph says of a column's constraint; undefined where it is as SET NOT NULL makes it. */
export function notNullIn(graph: SchemaGraph, place: ColumnPlace): NotNullMembers | undefined {
  const found = getObject(graph, "notNull", notNullIdOf(place));
  if (found === undefined) return undefined;
  const { name, noInherit, notValid, comment } = found;
  return {
    name,
    ...(noInherit ? { noInherit } : {}),
    ...(notValid ? { notValid } : {}),
    ...(comment === undefined ? {} : { comment }),
  };
}

/**
 * Makes a constraint on a column that takes NULL: not valid at first, which reads nothing, then validated while writes go
 * on. On a table nobody uses yet it is made at once.
 */
export function addNotNull(place: ColumnPlace, wanted: NotNullMembers, fresh: boolean): Segment[] {
  const comments = commentOf(place, undefined, wanted);
  if (wanted.notValid || fresh) return [together(add(place, wanted, wanted.notValid === true), ...comments)];
  return [
    { ...together(add(place, wanted, true), ...comments), done: isThere(place, wanted, "true") },
    { ...together(validate(place, wanted)), done: isThere(place, wanted, "k.convalidated") },
  ];
}

/** Turns one constraint into another in place. */
export function notNullChange(place: ColumnPlace, from: NotNullMembers, to: NotNullMembers, fresh: boolean): Segment[] {
  const table = tableOf(place);
  if (to.notValid && !from.notValid) {
    // Nothing takes the validity away but making it anew, which reads nothing.
    const drop = statement(`${alterColumn(place)} drop not null`, "access exclusive", [table]);
    return [together(drop, add(place, to, true), ...commentOf(place, undefined, to))];
  }
  const alter = (action: string): Statement => statement(`alter table ${table} ${action}`, "access exclusive", [table]);
  const changes = [
    ...(from.name === to.name ? [] : [alter(`rename constraint ${quoteIdent(from.name)} to ${quoteIdent(to.name)}`)]),
    ...(from.noInherit === to.noInherit
      ? []
      : [alter(`alter constraint ${quoteIdent(to.name)} ${to.noInherit ? "no " : ""}inherit`)]),
    ...commentOf(place, from, to),
  ];
  if (!from.notValid || to.notValid) return [together(...changes)];
  if (fresh) return [together(...changes, validate(place, to))];
  const validated = { ...together(validate(place, to)), done: isThere(place, to, "k.convalidated") };
  if (changes.length === 0) return [validated];
  return [
    { ...together(...changes), done: isThere(place, to, `k.connoinherit = ${to.noInherit === true}`) },
    validated,
  ];
}

function add(place: ColumnPlace, wanted: NotNullMembers, notValid: boolean): Statement {
  const table = tableOf(place);
  const words = `${wanted.noInherit ? " no inherit" : ""}${notValid ? " not valid" : ""}`;
  const sql = `alter table ${table} add constraint ${quoteIdent(wanted.name)} not null ${quoteIdent(place.name)}${words}`;
  return statement(sql, "access exclusive", [table], notValid ? "instant" : "scan");
}

function validate(place: ColumnPlace, constraint: NotNullMembers): Statement {
  const table = tableOf(place);
  const sql = `alter table ${table} validate constraint ${quoteIdent(constraint.name)}`;
  return statement(sql, "share update exclusive", [table], "scan");
}

function commentOf(place: ColumnPlace, from: NotNullMembers | undefined, to: NotNullMembers): Statement[] {
  return from?.comment === to.comment ? [] : [commentStatement(notNullOf(place, to), to.comment)];
}

function isThere(place: ColumnPlace, constraint: NotNullMembers, condition: string): CatalogQuestion {
  return {
    sql: `select exists (
  select from pg_catalog.pg_constraint k
  join pg_catalog.pg_class c on c.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
  where k.contype = 'n' and n.nspname = $1 and c.relname = $2 and a.attname = $3 and k.conname = $4 and ${condition}
)`,
    params: [place.schema, place.table, place.name, constraint.name],
  };
}
