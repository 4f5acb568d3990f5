/** Reads functions and procedures; the server prints their definitions. */
import { routineId } from "../../model/kinds.ts";
import type { Routine } from "../../model/object.ts";
import { address, type CatalogDraft, catalogOid, commentOn, isHelper } from "./draft.ts";
import {
  type CatalogFamily,
  type CatalogRow,
  firstUserOid,
  optional,
  printed,
  userNamespace,
  value,
} from "./family.ts";

/** Parameters in their order: mode, name, type; the last `pronargdefaults` of those that go in have defaults. */
export const parametersOf = `(
    select pg_catalog.json_agg(pg_catalog.json_build_array(u.mode, u.name, pg_catalog.format_type(u.type, null)) order by u.place)
    from rows from (
      pg_catalog.unnest(coalesce(p.proallargtypes, p.proargtypes::pg_catalog.oid[])),
      pg_catalog.unnest(p.proargmodes), pg_catalog.unnest(p.proargnames)
    ) with ordinality u(type, mode, name, place)
    where u.type is not null
  )`;

/** SQL: that a routine `p` came neither with an extension nor with another object, as the constructors of a range do. */
export const standsAlone = `not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype in ('e', 'i')
  )`;

export const routines: CatalogFamily = {
  name: "functions and procedures",
  width: 9,
  query: () => `
select p.oid, p.pronamespace, p.proname, p.prokind, pg_catalog.oidvectortypes(p.proargtypes), ${parametersOf},
  p.pronargdefaults, pg_catalog.pg_get_function_result(p.oid), pg_catalog.pg_get_functiondef(p.oid)
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where p.oid >= ${firstUserOid} and p.prokind in ('f', 'p', 'w') and ${userNamespace} and ${standsAlone}
order by p.oid`,
  read(rows, draft) {
    for (const row of rows) readRoutine(row, draft, value(row, 3) === "p" ? "procedure" : "function", printed(row, 8));
  },
};

/** Puts a routine into the draft: the first eight columns of the query, and its CREATE statement. */
export function readRoutine(row: CatalogRow, draft: CatalogDraft, kind: Routine["kind"], definition: string): void {
  const oid = value(row, 0);
  const schema = draft.schemas.get(value(row, 1));
  if (schema === undefined || draft.extensionMembers.has(address(catalogOid.routine, oid))) return;
  const [name, types] = [value(row, 2), value(row, 4)];
  if (isHelper(draft, name)) return;
  const object: Routine = { kind, schema, name, arguments: types, definition };
  const parameters = readParameters(optional(row, 5), Number(value(row, 6)));
  if (parameters.length > 0) object.parameters = parameters;
  const returns = optional(row, 7);
  if (returns !== undefined) object.returns = returns;
  const comment = commentOn(draft, catalogOid.routine, oid);
  if (comment !== undefined) object.comment = comment;
  draft.ids.set(address(catalogOid.routine, oid), routineId(kind, schema, name, types));
  draft.expressionOwners.set(address(catalogOid.routine, oid), { object, goesWithColumn: false });
  draft.objects.push(object);
}

type Parameter = NonNullable<Routine["parameters"]>[number];

const modes: Readonly<Record<string, Parameter["mode"]>> = { o: "out", b: "inout", v: "variadic", t: "table" };

function readParameters(json: string | undefined, defaults: number): Parameter[] {
  if (json === undefined) return [];
  const parameters = (JSON.parse(json) as [string | null, string | null, string][]).map(([mode, name, type]) => {
    const parameter: Parameter = { type };
    const known = modes[mode ?? "i"];
    if (known !== undefined) parameter.mode = known;
    if (name !== null && name !== "") parameter.name = name;
    return parameter;
  });
  const inputs = parameters.filter(({ mode }) => mode !== "out" && mode !== "table");
  for (const parameter of defaults === 0 ? [] : inputs.slice(-defaults)) parameter.hasDefault = true;
  return parameters;
}
