/**
 * What a partition has of its parent's constraints that no statement names: exclusion constraints (17) and keys without
 * overlaps (18) are made in each partition under names of Postgres's choice, and stay there when it is detached.
 */
import * as v from "valibot";
import { hashText, shortHash } from "../base/hash.ts";
import { sameValue } from "../base/ordered.ts";
import { getObject, type SchemaGraph } from "../model/graph.ts";
import { objectId, tableId } from "../model/kinds.ts";
import {
  type Exclusion,
  exclusionSchema,
  type PrimaryKey,
  primaryKeySchema,
  type SchemaObject,
  type Table,
  type Unique,
  uniqueSchema,
} from "../model/object.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { quoteLiteral } from "../sql/literal.ts";
import { type Statement, statement } from "../sql/statement.ts";
import { onTablePlace, tableOfPart } from "./part.ts";
import { withMembers } from "./place.ts";
import { dollarQuoted } from "./sql/assignments.ts";

type Copied = Exclusion | PrimaryKey | Unique;

/** A constraint of a parent, and what becomes of its copy in the table: `keep` is how that stays; without it, it goes. */
export const copySchema = v.strictObject({
  of: v.strictObject({ ...onTablePlace, name: exclusionSchema.entries.name }),
  keep: v.optional(v.variant("kind", [exclusionSchema, primaryKeySchema, uniqueSchema])),
});

export type Copy = v.InferOutput<typeof copySchema>;

/** The copies a partition has, with those of `after` among them that are equal to one. */
export function copiesOf(graph: SchemaGraph, partition: Table, after: SchemaGraph | undefined): Copy[] {
  // What is about to be dropped takes them along.
  if (after !== undefined && !after.objects.has(objectId(partition))) return [];
  const taken = new Set<string>();
  return constraintsAbove(graph, partition).map((constraint) => {
    const { schema, table, name } = constraint;
    const wanted = [...(after?.objects.values() ?? [])].find(
      (object): object is Copied =>
        object.kind === constraint.kind &&
        object.schema === partition.schema &&
        object.table === partition.name &&
        !taken.has(objectId(object)) &&
        !graph.objects.has(objectId(object)) &&
        sameValue(essence(object), essence(constraint)),
    );
    if (wanted !== undefined) taken.add(objectId(wanted));
    return {
      of: { schema, table, name },
      ...(wanted === undefined ? {} : { keep: withMembers(wanted as Exclusion, { comment: undefined }) }),
    };
  });
}

function constraintsAbove(graph: SchemaGraph, { partitionOf }: Table): Copied[] {
  const parent = partitionOf && getObject(graph, "table", tableId(partitionOf.schema, partitionOf.table));
  if (parent === undefined) return [];
  const own = [...graph.objects.values()].filter(
    (object): object is Copied =>
      (object.kind === "exclusion" ||
        ((object.kind === "primaryKey" || object.kind === "unique") && object.withoutOverlaps === true)) &&
      object.schema === parent.schema &&
      object.table === parent.name,
  );
  return [...own, ...constraintsAbove(graph, parent)];
}

const ownToEach = new Set(["schema", "table", "name", "comment", "dependsOn", "partitioned"]);

/** What two constraints have in common when one is a copy of the other. */
function essence(object: SchemaObject): unknown {
  return Object.fromEntries(Object.entries(object).filter(([member]) => !ownToEach.has(member)));
}

/** The statements that give the copies names to go by, while Postgres still knows whose copies they are. */
export function nameCopies(
  table: { readonly schema: string; readonly table: string },
  copies: readonly Copy[],
): Statement[] {
  const place = tableOfPart(table);
  return copies.map((copy) => {
    const name = nameOf(table, copy);
    const body = `declare
  copy name;
begin
  with recursive above (conname, parent, conrelid, top) as (
    select k.conname, k.conparentid, k.conrelid, k.conname from pg_catalog.pg_constraint k
    where k.conrelid = ${quoteLiteral(place)}::pg_catalog.regclass and k.contype in ('p', 'u', 'x')
    union all
    select a.conname, p.conparentid, p.conrelid, p.conname from above a
    join pg_catalog.pg_constraint p on p.oid = a.parent
  )
  select a.conname into strict copy from above a
  where a.conrelid = ${quoteLiteral(tableOfPart(copy.of))}::pg_catalog.regclass and a.top = ${quoteLiteral(copy.of.name)};
  if copy <> ${quoteLiteral(name)} then
    execute ${quoteLiteral(`alter table ${place} rename constraint `)} || pg_catalog.quote_ident(copy) || ${quoteLiteral(` to ${quoteIdent(name)}`)};
  end if;
end`;
    return statement(`do ${dollarQuoted(body)}`, "access exclusive", [place]);
  });
}

/** The statements that take away the copies that are not kept, once the table stands for itself. */
export function dropCopies(
  table: { readonly schema: string; readonly table: string },
  copies: readonly Copy[],
): Statement[] {
  const place = tableOfPart(table);
  return copies
    .filter(({ keep }) => keep === undefined)
    .map((copy) =>
      statement(`alter table ${place} drop constraint ${quoteIdent(nameOf(table, copy))}`, "access exclusive", [place]),
    );
}

/** A copy that goes has a name of its own until then: names of indexes are those of a whole schema. */
function nameOf(table: { readonly schema: string; readonly table: string }, { of, keep }: Copy): string {
  if (keep !== undefined) return keep.name;
  return `zanith_copy_${shortHash(hashText(JSON.stringify([table.schema, table.table, of.schema, of.table, of.name])), 8)}`;
}
