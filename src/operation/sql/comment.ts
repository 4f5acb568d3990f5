/** The SQL of comments on any kind of object. */
import { defined } from "../../base/assert.ts";
import { ruleOf } from "../../model/kinds.ts";
import type { SchemaObject } from "../../model/object.ts";
import { qualified } from "../../sql/identifier.ts";
import { literalOrNull } from "../../sql/literal.ts";
import { type Statement, statement } from "../../sql/statement.ts";

/** The COMMENT statement an object needs when it has just been made: none without a comment. */
export function commentStatements(object: SchemaObject): Statement[] {
  const comment = "comment" in object ? object.comment : undefined;
  return comment === undefined ? [] : [commentStatement(object, comment)];
}

/** Sets or removes a comment. COMMENT takes SHARE UPDATE EXCLUSIVE on the relation it is about or that has the part. */
export function commentStatement(object: SchemaObject, comment: string | undefined): Statement {
  const address = defined(ruleOf(object.kind).address, `${object.kind} carries a comment`)(object);
  const sql = `comment on ${address} is ${literalOrNull(comment ?? initialComment(object))}`;
  if ("table" in object) return statement(sql, "share update exclusive", [qualified(object.schema, object.table)]);
  if (["table", "sequence", "view", "materializedView", "foreignTable"].includes(object.kind) && "schema" in object) {
    return statement(sql, "share update exclusive", [qualified(object.schema, object.name)]);
  }
  return statement(sql);
}

/** What initdb says of an object whose comment nobody has changed: pg_dump prints every other one, and its absence too. */
function initialComment(object: SchemaObject): string | undefined {
  return object.kind === "schema" && object.name === "public" ? "standard public schema" : undefined;
}
