/** The SQL that gives an object to a role. */
import { ruleOf } from "../../model/kinds.ts";
import type { SchemaObject } from "../../model/object.ts";
import type { Owned } from "../../model/owner.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { type Statement, statement } from "../../sql/statement.ts";

/** ALTER … OWNER TO. */
export function ownerStatement(on: Pick<Owned, "kind" | "schema" | "name">, to: string | undefined): Statement {
  const address = ruleOf(on.kind).address?.(on as unknown as SchemaObject) ?? "";
  const sql = `alter ${address} owner to ${to === undefined ? "current_user" : quoteIdent(to)}`;
  const relation = ["table", "view", "materializedView", "sequence", "foreignTable"].includes(on.kind);
  return relation ? statement(sql, "access exclusive", [qualified(on.schema ?? "", on.name)]) : statement(sql);
}
