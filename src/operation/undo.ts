/** How an operation is undone, with the grants that went along with what it dropped. Kinds say the rest themselves. */
import { type Grant, levelOf, type Privilege, privileges } from "../model/grant.ts";
import { childrenByParent, type SchemaGraph } from "../model/graph.ts";
import { type ObjectId, objectId } from "../model/kinds.ts";
import { type Inversion, type Operation, operation } from "./define.ts";
import { listed } from "./grant-payload.ts";
import { kindOf } from "./registry.ts";

/** The inversion of an operation on a schema: what leads back to it, in what is granted as well. */
export function inversionOf(op: Operation, before: SchemaGraph): Inversion {
  const inversion = kindOf(op.kind).invert(op, before);
  if (!inversion.reversible) return inversion;
  const dropped = [op, ...inversion.operations].flatMap((step) =>
    kindOf(step.kind)
      .predict(step, before)
      .flatMap((edit) => ("drop" in edit ? [edit.drop] : [])),
  );
  const grants = grantsBelow(before, dropped);
  if (grants.length === 0) return inversion;
  return { ...inversion, operations: [...inversion.operations, ...grants.flatMap(grantAgain)] };
}

/** Grants on some objects and on what is part of them; not those that are dropped by name, which have operations of their own. */
function grantsBelow(graph: SchemaGraph, ids: readonly ObjectId[]): Grant[] {
  const children = childrenByParent(graph);
  const gone = [...new Set(ids)];
  const named = new Set(gone);
  const grants: Grant[] = [];
  // The list grows while it is walked: parts of parts go too.
  for (const id of gone) {
    for (const part of children.get(id) ?? []) {
      const partId = objectId(part);
      if (named.has(partId)) continue;
      if (part.kind === "grant") grants.push(part);
      else gone.push(partId);
    }
  }
  return grants;
}

function grantAgain(grant: Grant): Operation[] {
  const { on, to } = grant;
  const at = (level: 0 | 1 | 2): Privilege[] =>
    privileges.filter((name) => grant[name] !== undefined && levelOf(grant, name) === level);
  const [none, granted, grantable] = [at(0), at(1), at(2)];
  return [
    ...(none.length === 0
      ? []
      : [operation("revoke", { on, ...(to === undefined ? {} : { from: to }), ...listed("privileges", none) })]),
    ...(granted.length + grantable.length === 0
      ? []
      : [
          operation("grant", {
            on,
            ...(to === undefined ? {} : { to }),
            ...listed("privileges", granted),
            ...listed("withGrantOption", grantable),
          }),
        ]),
  ];
}
