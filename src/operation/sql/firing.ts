/** The SQL that says when triggers and the like fire. */
import type { Trigger } from "../../model/object.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { type Statement, statement } from "../../sql/statement.ts";
import { tableOfPart } from "../part.ts";

export type Firing = Trigger["firing"];

/** What may fire or not, named by its parts. */
export interface FiringPlace {
  readonly kind: "trigger" | "rule";
  readonly schema: string;
  readonly table: string;
  readonly name: string;
}

const verbs = { never: "disable", replica: "enable replica", always: "enable always" } as const;

/** ALTER TABLE … ENABLE or DISABLE TRIGGER or RULE, in one of its four forms. */
export function firingStatement(place: FiringPlace, firing: Firing): Statement {
  const verb = firing === undefined ? "enable" : verbs[firing];
  const table = tableOfPart(place);
  const lock = place.kind === "rule" ? "access exclusive" : "share row exclusive";
  return statement(`alter table ${table} ${verb} ${place.kind} ${quoteIdent(place.name)}`, lock, [table]);
}
