/** NOT NULL on a column with rows, without a scan under ACCESS EXCLUSIVE: by way of a check that is validated first. */
import { hashText, shortHash } from "../../base/hash.ts";
import { generatedName, quoteIdent } from "../../sql/identifier.ts";
import { type CatalogQuestion, type Segment, statement, together } from "../../sql/statement.ts";
import { alterColumn, type ColumnPlace, tableOf } from "../place.ts";

/**
 * The name of the check that carries the proof while it is needed. A name that has to be cut gets a hash of the whole, so
 * that two long names with the same start never meet.
 */
export function notNullCheckName(place: ColumnPlace): string {
  const stem = `${place.table}_${place.name}`;
  const suffix = "zanith_not_null";
  const whole = generatedName(stem, suffix);
  return whole === `${stem}_${suffix}` ? whole : generatedName(stem, `${shortHash(hashText(stem), 8)}_${suffix}`);
}

/** NOT NULL at once: for a table nobody uses yet. */
export function plainNotNull(place: ColumnPlace): Segment {
  return together(statement(`${alterColumn(place)} set not null`, "access exclusive", [tableOf(place)]));
}

/**
 * NOT NULL in three transactions: a check that is not validated (instant), its validation (reads every row while writes go
 * on), and SET NOT NULL, which since 12 trusts a validated check and reads nothing. Each says by the catalog whether it
 * has happened, so that a run that was cut off goes on where it stopped.
 */
export function onlineNotNull(place: ColumnPlace): Segment[] {
  const table = tableOf(place);
  const check = notNullCheckName(place);
  const alter = `alter table ${table}`;
  return [
    {
      ...together(
        statement(
          `${alter} add constraint ${quoteIdent(check)} check (${quoteIdent(place.name)} is not null) not valid`,
          "access exclusive",
          [table],
        ),
      ),
      done: question(place, check, "a.attnotnull or k.oid is not null"),
    },
    {
      ...together(
        statement(`${alter} validate constraint ${quoteIdent(check)}`, "share update exclusive", [table], "scan"),
      ),
      done: question(place, check, "a.attnotnull or coalesce(k.convalidated, false)"),
    },
    {
      ...together(
        statement(`${alterColumn(place)} set not null`, "access exclusive", [table]),
        statement(`${alter} drop constraint ${quoteIdent(check)}`, "access exclusive", [table]),
      ),
      done: question(place, check, "a.attnotnull and k.oid is null"),
    },
  ];
}

/** One boolean about the column and the check; false while the column does not exist. */
function question(place: ColumnPlace, check: string, condition: string): CatalogQuestion {
  return {
    sql: `select coalesce((
  select ${condition}
  from pg_catalog.pg_namespace n
  join pg_catalog.pg_class c on c.relnamespace = n.oid
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_catalog.pg_constraint k
    on k.conrelid = c.oid and k.contype = 'c' and k.conname = $4 and k.conkey = array[a.attnum]
  where n.nspname = $1 and c.relname = $2 and a.attname = $3
), false)`,
    params: [place.schema, place.table, place.name, check],
  };
}
