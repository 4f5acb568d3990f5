/** Row level security of a model as objects of the graph. */
import type { Policy, RowSecurity } from "../../model/object.ts";
import { sqlText } from "./column-object.ts";
import { commented, type GraphDraft } from "./draft.ts";
import { type Model, modelName } from "./model.ts";

/** Adds whether row level security is on, and the policies. */
export function addPolicies(model: Model, draft: GraphDraft): void {
  const { schema, table, definition } = model;
  if (definition.rls) {
    const object: RowSecurity = { kind: "rowSecurity", schema, table, enabled: true };
    if (definition.rls === "forced") object.forced = true;
    draft.add(object, `row level security of ${modelName(model)}`);
  }
  for (const { name, options } of definition.policies ?? []) {
    const subject = `policy ${name} of ${modelName(model)}`;
    const object: Policy = { kind: "policy", schema, table, name, ...commented(options.comment) };
    if (options.for !== undefined && options.for !== "all") object.command = options.for;
    if (options.restrictive) object.restrictive = true;
    const roles = options.to ?? [];
    if (roles.length > 0 && !roles.includes("public")) object.roles = [...roles];
    if (options.using !== undefined) object.using = sqlText(options.using, subject);
    if (options.check !== undefined) object.check = sqlText(options.check, subject);
    draft.add(object, subject);
  }
}
