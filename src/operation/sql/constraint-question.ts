/**
 * The question to the catalog whether a constraint is there as it should be: same columns, actions and expression, not
 * merely the same name.
 */
import { unreachable } from "../../base/assert.ts";
import type { ForeignKey, PrimaryKey, Unique } from "../../model/object.ts";
import type { CatalogQuestion } from "../../sql/statement.ts";
import type { Constraint } from "./constraint.ts";

/** What is asked of the rows: that all were checked, that they were not, or nothing. */
export type Validity = "validated" | "not validated" | "either";

/** One letter each, as pg_constraint keeps them. */
const actionLetters = { cascade: "c", restrict: "r", "set null": "n", "set default": "d" } as const;

/** Whether the constraint exists under a name. `server` is the server_version_num it is asked of. */
export function constraintExists(
  constraint: Constraint,
  name: string,
  validity: Validity,
  server: number,
): CatalogQuestion {
  const params: string[] = [];
  const param = (value: string): string => `$${params.push(value)}`;
  const conditions = [
    `n.nspname = ${param(constraint.schema)}`,
    `t.relname = ${param(constraint.table)}`,
    `k.conname = ${param(name)}`,
    ...(validity === "either" ? [] : [`k.convalidated = ${validity === "validated"}`]),
    ...structureOf(constraint, param, server),
  ];
  const sql = `select exists (
  select from pg_catalog.pg_constraint k
  join pg_catalog.pg_class t on t.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
  left join pg_catalog.pg_class r on r.oid = k.confrelid
  left join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
  left join pg_catalog.pg_index i on i.indexrelid = k.conindid and k.contype in ('p', 'u')
  where ${conditions.join("\n    and ")}
)`;
  return { sql, params };
}

type Param = (value: string) => string;

function structureOf(constraint: Constraint, param: Param, server: number): string[] {
  switch (constraint.kind) {
    case "check":
      return [
        "k.contype = 'c'",
        `k.connoinherit = ${constraint.noInherit === true}`,
        `'(' || pg_catalog.pg_get_expr(k.conbin, k.conrelid) || ')' = ${param(constraint.expression)}`,
        ...(server >= 180000 ? [`k.conenforced = ${constraint.notEnforced !== true}`] : []),
      ];
    case "foreignKey":
      return foreignKeyStructure(constraint, param, server);
    case "primaryKey":
    case "unique":
      return keyStructure(constraint, param, server);
    default:
      return unreachable(constraint);
  }
}

function foreignKeyStructure(key: ForeignKey, param: Param, server: number): string[] {
  const { references } = key;
  const letter = (action: keyof typeof actionLetters | undefined): string =>
    action === undefined ? "a" : actionLetters[action];
  return [
    "k.contype = 'f'",
    sameColumns("k.conrelid", "k.conkey", param(JSON.stringify(key.columns))),
    `rn.nspname = ${param(references.schema)} and r.relname = ${param(references.table)}`,
    sameColumns("k.confrelid", "k.confkey", param(JSON.stringify(references.columns))),
    `k.confmatchtype = '${key.match === "full" ? "f" : "s"}'`,
    `k.confupdtype = '${letter(key.onUpdate)}' and k.confdeltype = '${letter(key.onDelete)}'`,
    ...(server >= 150000
      ? [sameColumns("k.conrelid", "k.confdelsetcols", param(JSON.stringify(key.onDeleteColumns ?? [])))]
      : []),
    ...(server >= 180000
      ? [`k.conenforced = ${key.notEnforced !== true} and k.conperiod = ${key.period === true}`]
      : []),
    ...sameDeferral(key),
  ];
}

function keyStructure(key: PrimaryKey | Unique, param: Param, server: number): string[] {
  const distinct = key.kind === "primaryKey" || key.nullsNotDistinct !== true;
  return [
    `k.contype = '${key.kind === "primaryKey" ? "p" : "u"}'`,
    sameColumns("k.conrelid", "k.conkey", param(JSON.stringify(key.columns))),
    sameColumns(
      "k.conrelid",
      "(i.indkey::pg_catalog.int2[])[i.indnkeyatts:]",
      param(JSON.stringify(key.include ?? [])),
    ),
    ...(server >= 150000 ? [`i.indnullsnotdistinct = ${!distinct}`] : []),
    ...(server >= 180000 ? [`k.conperiod = ${key.withoutOverlaps === true}`] : []),
    ...sameDeferral(key),
  ];
}

function sameDeferral(key: {
  readonly deferrable?: true | undefined;
  readonly initiallyDeferred?: true | undefined;
}): string[] {
  return [`k.condeferrable = ${key.deferrable === true} and k.condeferred = ${key.initiallyDeferred === true}`];
}

function sameColumns(table: string, numbers: string, names: string): string {
  return `array(
      select a.attname::pg_catalog.text from pg_catalog.unnest(${numbers}) with ordinality c (number, place)
      join pg_catalog.pg_attribute a on a.attrelid = ${table} and a.attnum = c.number order by c.place
    ) = array(
      select j.name from pg_catalog.json_array_elements_text(${names}::pg_catalog.json) with ordinality j (name, place)
      order by j.place
    )`;
}
