/** Reads domains and their checks. */
import { makeId } from "../../model/kinds.ts";
import type { Domain, DomainCheck } from "../../model/object.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { address, type CatalogDraft, catalogOid, commentOn } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, isTrue, optional, printed, value } from "./family.ts";

export const domains: CatalogFamily = {
  name: "domains",
  width: 8,
  query: () => `
select t.oid, t.typarray, t.typnamespace, t.typname, pg_catalog.format_type(t.typbasetype, t.typtypmod), t.typnotnull,
  pg_catalog.pg_get_expr(t.typdefaultbin, 0),
  case when t.typcollation <> b.typcollation
    then pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(l.collname) end
from pg_catalog.pg_type t
join pg_catalog.pg_type b on b.oid = t.typbasetype
left join pg_catalog.pg_collation l on l.oid = t.typcollation
left join pg_catalog.pg_namespace n on n.oid = l.collnamespace
where t.typtype = 'd' and t.oid >= ${firstUserOid}
order by t.oid`,
  read(rows, draft) {
    for (const row of rows) readDomain(row, draft);
  },
};

function readDomain(row: CatalogRow, draft: CatalogDraft): void {
  const oid = value(row, 0);
  const schema = draft.schemas.get(value(row, 2));
  if (schema === undefined || draft.extensionMembers.has(address(catalogOid.type, oid))) return;
  const object: Domain = { kind: "domain", schema, name: value(row, 3), type: value(row, 4) };
  const collation = optional(row, 7);
  const fallback = optional(row, 6);
  const comment = commentOn(draft, catalogOid.type, oid);
  if (collation !== undefined) object.collation = collation;
  if (fallback !== undefined) object.default = fallback;
  if (isTrue(row, 5)) object.notNull = true;
  if (comment !== undefined) object.comment = comment;
  const id = makeId("domain", schema, object.name);
  draft.ids.set(address(catalogOid.type, oid), id);
  draft.ids.set(address(catalogOid.type, value(row, 1)), id);
  draft.expressionOwners.set(address(catalogOid.type, oid), { object, goesWithColumn: false });
  draft.domains.set(oid, object);
  draft.objects.push(object);
}

/** Checks; and since 17 NOT NULL as a constraint, whose name the graph does not model. */
export const domainChecks: CatalogFamily = {
  name: "domain constraints",
  width: 6,
  query: () => `
select k.oid, k.conname, k.contypid, k.contype, pg_catalog.pg_get_expr(k.conbin, 0), k.convalidated
from pg_catalog.pg_constraint k
where k.contypid >= ${firstUserOid} and k.contype in ('c', 'n')
order by k.contypid, k.oid`,
  read(rows, draft) {
    for (const row of rows) {
      const domain = draft.domains.get(value(row, 2));
      if (domain !== undefined) readConstraint(row, draft, domain);
    }
  },
};

function readConstraint(row: CatalogRow, draft: CatalogDraft, domain: Domain): void {
  const oid = value(row, 0);
  const name = value(row, 1);
  const comment = commentOn(draft, catalogOid.constraint, oid);
  if (value(row, 3) === "n") {
    const place = `${qualified(domain.schema, domain.name)}.${quoteIdent(name)}`;
    if (name !== `${domain.name}_not_null`) {
      draft.unmodelled.push({ kind: "not null constraint with a name of its own", name: place });
    }
    if (comment !== undefined) draft.unmodelled.push({ kind: "comment on not null constraint", name: place });
    return;
  }
  const object: DomainCheck = {
    kind: "domainCheck",
    schema: domain.schema,
    domain: domain.name,
    name,
    expression: `(${printed(row, 4)})`,
  };
  if (!isTrue(row, 5)) object.notValid = true;
  if (comment !== undefined) object.comment = comment;
  draft.expressionOwners.set(address(catalogOid.constraint, oid), { object, goesWithColumn: false });
  draft.objects.push(object);
}
