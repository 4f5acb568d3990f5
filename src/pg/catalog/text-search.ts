/** Reads text search dictionaries and configurations. Parsers and templates are functions in C: they are named elsewhere. */
import { objectId } from "../../model/kinds.ts";
import type { TextSearchConfiguration, TextSearchDictionary } from "../../model/object.ts";
import { splitOptions } from "../../sql/option-list.ts";
import { address, type CatalogDraft, catalogOid, commentOn } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, optional, value } from "./family.ts";

export const textSearchDictionaries: CatalogFamily = {
  name: "text search dictionaries",
  width: 5,
  query: () => `
select d.oid, d.dictnamespace, d.dictname,
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.tmplname), nullif(d.dictinitoption, '')
from pg_catalog.pg_ts_dict d
join pg_catalog.pg_ts_template t on t.oid = d.dicttemplate
join pg_catalog.pg_namespace n on n.oid = t.tmplnamespace
where d.oid >= ${firstUserOid}
order by d.oid`,
  read(rows, draft) {
    for (const row of rows) {
      const place = placeOf(row, draft, catalogOid.textSearchDictionary);
      if (place === undefined) continue;
      const object: TextSearchDictionary = { kind: "textSearchDictionary", ...place, template: value(row, 3) };
      const options = optional(row, 4);
      if (options !== undefined) object.options = splitOptions(options);
      finish(row, draft, catalogOid.textSearchDictionary, object);
    }
  },
};

export const textSearchConfigurations: CatalogFamily = {
  name: "text search configurations",
  width: 5,
  query: () => `
select c.oid, c.cfgnamespace, c.cfgname, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.prsname), (
  select pg_catalog.json_agg(pg_catalog.json_build_array(m.alias, m.dictionaries) order by m.tokid)
  from (
    select k.tokid, k.alias,
      pg_catalog.json_agg(pg_catalog.json_build_object('schema', dn.nspname, 'name', d.dictname) order by m.mapseqno) as dictionaries
    from pg_catalog.pg_ts_config_map m
    join pg_catalog.ts_token_type(c.cfgparser) k on k.tokid = m.maptokentype
    join pg_catalog.pg_ts_dict d on d.oid = m.mapdict
    join pg_catalog.pg_namespace dn on dn.oid = d.dictnamespace
    where m.mapcfg = c.oid
    group by k.tokid, k.alias
  ) m
)
from pg_catalog.pg_ts_config c
join pg_catalog.pg_ts_parser p on p.oid = c.cfgparser
join pg_catalog.pg_namespace n on n.oid = p.prsnamespace
where c.oid >= ${firstUserOid}
order by c.oid`,
  read(rows, draft) {
    for (const row of rows) {
      const place = placeOf(row, draft, catalogOid.textSearchConfiguration);
      if (place === undefined) continue;
      const object: TextSearchConfiguration = { kind: "textSearchConfiguration", ...place, parser: value(row, 3) };
      const mappings = optional(row, 4);
      if (mappings !== undefined) {
        const pairs = JSON.parse(mappings) as [string, { schema: string; name: string }[]][];
        object.mappings = pairs.map(([token, dictionaries]) => ({ token, dictionaries }));
      }
      finish(row, draft, catalogOid.textSearchConfiguration, object);
    }
  },
};

/** Schema and name of an object that is in scope. */
function placeOf(
  row: CatalogRow,
  draft: CatalogDraft,
  classOid: string,
): { readonly schema: string; readonly name: string } | undefined {
  const schema = draft.schemas.get(value(row, 1));
  if (schema === undefined || draft.extensionMembers.has(address(classOid, value(row, 0)))) return undefined;
  return { schema, name: value(row, 2) };
}

function finish(
  row: CatalogRow,
  draft: CatalogDraft,
  classOid: string,
  object: TextSearchDictionary | TextSearchConfiguration,
): void {
  const comment = commentOn(draft, classOid, value(row, 0));
  if (comment !== undefined) object.comment = comment;
  draft.ids.set(address(classOid, value(row, 0)), objectId(object));
  draft.objects.push(object);
}
