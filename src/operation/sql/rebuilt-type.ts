/** How columns get from an old form of a type or collation to its new one, and how the old one makes room for it. */
import type { SchemaGraph } from "../../model/graph.ts";
import type { CompositeType } from "../../model/object.ts";
import { attributesAlterable } from "../../model/type-kinds.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { type Statement, statement } from "../../sql/statement.ts";
import { typeChange } from "../../sql/type-change.ts";
import { usingExpression } from "../../sql/using-expression.ts";
import { isReplaced, temporaryName } from "../replacement.ts";
import { columnsOfEnum } from "./enum.ts";
import { type MadeType, renameMadeType } from "./types.ts";

/** Whether a new one has to be made: the server has no ALTER for what differs, or refuses it while columns use the type. */
export function isRebuild(before: MadeType, after: MadeType): boolean {
  if (before.kind === "compositeType" && after.kind === "compositeType") return !attributesAlterable(before, after);
  if (before.kind === "domain") return isReplaced(before, after, ["default", "notNull"]);
  return isReplaced(before, after);
}

/**
 * Whether arrays of a domain are in a table: ALTER DOMAIN then refuses whatever it would have to check in old values
 * (get_rels_with_domain in typecmds.c, 14 to 18).
 */
export function isInArrays(graph: SchemaGraph, domain: { readonly schema: string; readonly name: string }): boolean {
  return columnsOfEnum(graph, domain).some((column) => column.type.endsWith("[]"));
}

/**
 * The USING expression for a column; undefined where the server's own conversion does it, null where none is known that
 * keeps every value or fails. Explicit casts cut texts silently, so values go through their text form or not at all.
 */
export function conversion(
  column: { readonly column: string; readonly type: string },
  from: MadeType,
  to: MadeType,
): string | undefined | null {
  const name = quoteIdent(column.column);
  const array = column.type.endsWith("[]");
  if (from.kind === "domain" && to.kind === "domain") {
    const suffix = array ? "[]" : "";
    const using = usingExpression(column.column, from.type + suffix, to.type + suffix);
    return using === undefined ? undefined : `(${using})::${column.type}`;
  }
  if (from.kind === "collation") return undefined;
  if (from.kind === "compositeType" && to.kind === "compositeType" && !samePlaces(from, to)) {
    return array ? null : rowExpression(name, column.type, from, to);
  }
  return `${name}::pg_catalog.text${array ? "[]" : ""}::${column.type}`;
}

function samePlaces(from: CompositeType, to: CompositeType): boolean {
  return (
    from.attributes.length === to.attributes.length &&
    from.attributes.every(({ name }, at) => to.attributes[at]?.name === name)
  );
}

/** The row put together anew, attribute by attribute. A row of NULLs is no NULL, hence the comparison. */
function rowExpression(name: string, type: string, from: CompositeType, to: CompositeType): string | null {
  const old = new Map(from.attributes.map((attribute) => [attribute.name, attribute]));
  const values: string[] = [];
  for (const attribute of to.attributes) {
    const previous = old.get(attribute.name);
    if (previous === undefined) values.push(`null::${attribute.type}`);
    else if (previous.type === attribute.type) values.push(`(${name}).${quoteIdent(attribute.name)}`);
    else if (typeChange(previous.type, attribute.type).nature === "narrowing") return null;
    else values.push(`(${name}).${quoteIdent(attribute.name)}::${attribute.type}`);
  }
  return `case when ${name} is not distinct from null then null else row(${values.join(", ")})::${type} end`;
}

/** The name of the old one while the new one is made. */
export function oldNameOf(type: { readonly name: string }): string {
  return temporaryName(type.name, "old");
}

/** Gives an old one its temporary name. A range's constructors keep theirs when it is renamed, so they are renamed first. */
export function putAside(type: MadeType): Statement[] {
  if (type.kind !== "rangeType") return [renameMadeType(type, oldNameOf(type))];
  const many = oldNameOf({ name: type.multirange });
  const rename = (name: string, argumentTypes: string, to: string): Statement =>
    statement(`alter function ${qualified(type.schema, name)}(${argumentTypes}) rename to ${quoteIdent(to)}`);
  const own = qualified(type.schema, type.name);
  const { subtype, name, multirange, schema } = type;
  return [
    rename(name, `${subtype}, ${subtype}`, oldNameOf(type)),
    rename(name, `${subtype}, ${subtype}, pg_catalog.text`, oldNameOf(type)),
    rename(multirange, "", many),
    rename(multirange, own, many),
    rename(multirange, `variadic ${own}[]`, many),
    statement(`alter type ${qualified(schema, multirange)} rename to ${quoteIdent(many)}`),
    renameMadeType(type, oldNameOf(type)),
  ];
}
