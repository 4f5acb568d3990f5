/** The SQL that says when triggers and the like fire. */
import type { Trigger } from "../../model/object.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { type Statement, statement } from "../../sql/statement.ts";
import { tableOfPart } from "../part.ts";

export type Firing = Trigger["firing"];

/** What may fire or not, named by its parts. */
export interface FiringPlace {
  readonly kind: "trigger";
  readonly schema: string;
  readonly table: string;
  readonly name: string;
}

const verbs = { never: "disable", replica: "enable replica", always: "enable always" } as const;

/** ALTER TABLE … ENABLE or DISABLE TRIGGER, in one of its four forms. */
export function firingStatement(place: FiringPlace, firing: Firing): Statement {
  const verb = firing === undefined ? "enable" : verbs[firing];
  const table = tableOfPart(place);
  return statement(`alter table ${table} ${verb} ${place.kind} ${quoteIdent(place.name)}`, "share row exclusive", [
    table,
  ]);
}
