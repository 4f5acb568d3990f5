/** Lists objects of kinds that the graph does not model, by the name the server itself identifies them with. */
import { catalogOid } from "./draft.ts";
import { type CatalogFamily, firstUserOid, optional, value } from "./family.ts";

/** One kind of object: where it stands, and what it belongs to as far as that decides whether it is in scope. */
interface Source {
  /** the kind as an SQL expression */
  readonly kind: string;
  /** catalog table, with `o` as its alias in the other members */
  readonly catalog: string;
  /** column with the oid of its schema, where it has one */
  readonly schema?: string;
  /** column with the oid of its relation, where it is on one */
  readonly relation?: string;
  readonly where?: string;
}

const sources: readonly Source[] = [
  {
    // all other types come from elsewhere
    kind: "'base type'",
    catalog: "pg_type",
    schema: "typnamespace",
    where: `o.typtype in ('b', 'p') and o.typsubscript <> 'pg_catalog.array_subscript_handler'::pg_catalog.regproc`,
  },
  { kind: "'conversion'", catalog: "pg_conversion", schema: "connamespace" },
  { kind: "'operator'", catalog: "pg_operator", schema: "oprnamespace" },
  { kind: "'operator class'", catalog: "pg_opclass", schema: "opcnamespace" },
  { kind: "'operator family'", catalog: "pg_opfamily", schema: "opfnamespace" },
  { kind: "'text search parser'", catalog: "pg_ts_parser", schema: "prsnamespace" },
  { kind: "'text search template'", catalog: "pg_ts_template", schema: "tmplnamespace" },
  { kind: "'access method'", catalog: "pg_am" },
  { kind: "'cast'", catalog: "pg_cast" },
  { kind: "'language'", catalog: "pg_language" },
  { kind: "'transform'", catalog: "pg_transform" },
  {
    kind: "'subscription'",
    catalog: "pg_subscription",
    where: "o.subdbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())",
  },
];

function selectFrom(source: Source): string {
  const { kind, catalog, schema, relation, where } = source;
  return `
  select ${kind} as kind, 'pg_catalog.${catalog}'::pg_catalog.regclass::pg_catalog.oid as class, o.oid,
    ${schema ? `o.${schema}` : "null::pg_catalog.oid"} as schema,
    ${relation ? `o.${relation}` : "null::pg_catalog.oid"} as relation
  from pg_catalog.${catalog} o
  where o.oid >= ${firstUserOid}${where ? ` and ${where}` : ""}`;
}

/**
 * The draft says which namespaces and relations are in scope. The server leaves out what extensions own (deptype e) and
 * what comes with another object, as a range's constructors do (i), so that it does not print their names for nothing.
 */
export const unmodelledObjects: CatalogFamily = {
  name: "unmodelled objects",
  width: 4,
  query: () => `
with found as (${sources.map(selectFrom).join("\n  union all")}
)
select f.kind, named.identity, f.schema, f.relation
from found f
left join pg_catalog.pg_namespace n on n.oid = f.schema
left join pg_catalog.pg_depend e on e.classid = f.class and e.objid = f.oid and e.deptype in ('e', 'i')
cross join lateral pg_catalog.pg_identify_object(f.class, f.oid, 0) named
where e.objid is null and (n.nspname is null or n.nspname !~ '^pg_' and n.nspname <> 'information_schema')
union all
select 'security label', named.identity, case l.classoid when ${catalogOid.namespace} then l.objoid end,
  case l.classoid when ${catalogOid.relation} then l.objoid end
from pg_catalog.pg_seclabel l
cross join lateral pg_catalog.pg_identify_object(l.classoid, l.objoid, l.objsubid) named
where l.objoid >= ${firstUserOid}
order by 1, 2`,
  read(rows, draft) {
    for (const row of rows) {
      const identity = optional(row, 1);
      const schema = optional(row, 2);
      const relation = optional(row, 3);
      // dropped by another session since the snapshot was taken: it has no identity any more
      if (identity === undefined) continue;
      if (schema !== undefined && !draft.schemas.has(schema)) continue;
      if (relation !== undefined && !draft.tables.has(relation) && !draft.listedRelations.has(relation)) continue;
      draft.unmodelled.push({ kind: value(row, 0), name: identity });
    }
  },
};
