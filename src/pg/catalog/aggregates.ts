/** Reads aggregates. The server prints no CREATE AGGREGATE, so it is put together here, as pg_dump does. */
import { qualified } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { type CatalogFamily, firstUserOid, printed, userNamespace, value } from "./family.ts";
import { parametersOf, readRoutine, standsAlone } from "./routines.ts";

/** A function as CREATE AGGREGATE names it: qualified, without its arguments; null for none. */
const named = (column: string): string => `(
    select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(f.proname)
    from pg_catalog.pg_proc f join pg_catalog.pg_namespace n on n.oid = f.pronamespace
    where f.oid = g.${column}
  )`;

const operator = `(
    select 'operator(' || pg_catalog.quote_ident(n.nspname) || '.' || o.oprname || ')'
    from pg_catalog.pg_operator o join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
    where o.oid = g.aggsortop
  )`;

const modifies = `case %s when 'r' then 'read_only' when 's' then 'shareable' when 'w' then 'read_write' end`;

/** What may be said of the final function's arguments is left out where it is the usual thing for the kind of aggregate. */
const finalModifies = (column: string): string =>
  `case when ${column} <> case when g.aggkind = 'n' then 'r' else 'w' end then ${modifies.replace("%s", column)} end`;

/** The options in the order of the documentation, each as name and value; null values are left out. */
const options: readonly (readonly [name: string, value: string])[] = [
  ["sfunc", named("aggtransfn")],
  ["stype", "pg_catalog.format_type(g.aggtranstype, null)"],
  ["sspace", "nullif(g.aggtransspace, 0)::pg_catalog.text"],
  ["finalfunc", named("aggfinalfn")],
  ["finalfunc_extra", "case when g.aggfinalextra then '' end"],
  ["finalfunc_modify", finalModifies("g.aggfinalmodify")],
  ["combinefunc", named("aggcombinefn")],
  ["serialfunc", named("aggserialfn")],
  ["deserialfunc", named("aggdeserialfn")],
  ["initcond", "g.agginitval"],
  ["msfunc", named("aggmtransfn")],
  ["minvfunc", named("aggminvtransfn")],
  ["mstype", "case when g.aggmtranstype <> 0 then pg_catalog.format_type(g.aggmtranstype, null) end"],
  ["msspace", "nullif(g.aggmtransspace, 0)::pg_catalog.text"],
  ["mfinalfunc", named("aggmfinalfn")],
  ["mfinalfunc_extra", "case when g.aggmfinalextra then '' end"],
  ["mfinalfunc_modify", `case when g.aggmtransfn <> 0 then ${finalModifies("g.aggmfinalmodify")} end`],
  ["minitcond", "g.aggminitval"],
  ["sortop", operator],
  ["parallel", "case p.proparallel when 's' then 'safe' when 'r' then 'restricted' end"],
  ["hypothetical", "case when g.aggkind = 'h' then '' end"],
];
const literals = new Set(["initcond", "minitcond"]);

export const aggregates: CatalogFamily = {
  name: "aggregates",
  width: 10,
  query: () => `
select p.oid, p.pronamespace, p.proname, p.prokind, pg_catalog.oidvectortypes(p.proargtypes), ${parametersOf},
  p.pronargdefaults, pg_catalog.pg_get_function_result(p.oid), pg_catalog.pg_get_function_arguments(p.oid),
  pg_catalog.json_build_array(${options.map(([, sql]) => sql).join(", ")})
from pg_catalog.pg_proc p
join pg_catalog.pg_aggregate g on g.aggfnoid = p.oid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where p.oid >= ${firstUserOid} and ${userNamespace} and ${standsAlone}
order by p.oid`,
  read(rows, draft) {
    for (const row of rows) {
      const schema = draft.schemas.get(value(row, 1));
      if (schema === undefined) continue;
      const name = qualified(schema, value(row, 2));
      const values = JSON.parse(value(row, 9)) as (string | null)[];
      const given = options.flatMap(([option], at) => {
        const text = values[at];
        if (text === null || text === undefined) return [];
        if (literals.has(option)) return [`${option} = ${quoteLiteral(text)}`];
        return [text === "" ? option : `${option} = ${text}`];
      });
      const parameters = printed(row, 8);
      const definition = `create aggregate ${name}(${parameters === "" ? "*" : parameters}) (${given.join(", ")})`;
      readRoutine(row, draft, "aggregate", definition);
    }
  },
};
