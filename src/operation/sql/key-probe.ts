/**
 * The questions about rows that decide whether a key can be added: duplicate keys, orphans, keys with NULLs. Every row of
 * the table counts, those of tables that inherit from it do not (FROM ONLY), as for the constraints themselves.
 */
import { columnId, type ObjectId } from "../../model/kinds.ts";
import type { ForeignKey } from "../../model/object.ts";
import { type Probe, probeLimit } from "../../risk/probe.ts";
import { quoteIdent, quoteList } from "../../sql/identifier.ts";
import { type PartPlace, tableIdOfPart, tableOfPart } from "../part.ts";
import { inWords } from "../place.ts";

interface KeyPlace extends PartPlace {
  readonly columns: readonly string[];
}

/** Whether a key has values that more than one row holds. NULLs count as equal only with `nullsNotDistinct`. */
export function duplicatesProbe(key: KeyPlace, nullsNotDistinct = false): Probe {
  const filled = nullsNotDistinct
    ? ""
    : ` where ${key.columns.map((name) => `${row(name)} is not null`).join(" and ")}`;
  const shown = [...key.columns.map(asText), `pg_catalog.count(*)::pg_catalog.text as ${countName(key.columns)}`];
  return {
    name: "duplicates",
    question: `duplicate values of ${inWords(key.schema, key.table)}(${quoteList(key.columns)})`,
    sql: `select ${shown.join(", ")} from only ${tableOfPart(key)} as r${filled} group by ${key.columns.map(row).join(", ")} having pg_catalog.count(*) > 1 order by pg_catalog.count(*) desc, ${inOrder(key.columns)} limit ${probeLimit}`,
    requires: keyIds(key),
    advice: "give all but one of the rows another value, or delete them",
  };
}

/** Whether a foreign key has rows that refer to nothing; with MATCH FULL, also rows that are NULL in part. */
export function orphansProbe(key: ForeignKey): Probe {
  const { references } = key;
  const filled = key.columns.map((name) => `${row(name)} is not null`).join(" and ");
  const equal = key.columns.map((name, at) => `p.${quoteIdent(references.columns[at] ?? name)} = ${row(name)}`);
  const lost = `${filled} and not exists (select from only ${tableOfPart(references)} as p where ${equal.join(" and ")})`;
  const partly = `not (${filled}) and not (${key.columns.map((name) => `${row(name)} is null`).join(" and ")})`;
  const where = key.match === "full" && key.columns.length > 1 ? `(${lost}) or (${partly})` : lost;
  return {
    name: "orphans",
    question: `values of ${inWords(key.schema, key.table)}(${quoteList(key.columns)}) without a row of ${inWords(references.schema, references.table)}(${quoteList(references.columns)})`,
    sql: `select ${key.columns.map(asText).join(", ")} from only ${tableOfPart(key)} as r where ${where} order by ${inOrder(key.columns)} limit ${probeLimit}`,
    requires: [
      ...keyIds(key),
      tableIdOfPart(references),
      ...references.columns.map((name) => columnId(references.schema, references.table, name)),
    ],
    advice: `add the missing rows to ${inWords(references.schema, references.table)}, or correct or delete these`,
  };
}

/** Whether rows have no value in a column of a key that must be whole. */
export function keyNullsProbe(key: KeyPlace): Probe {
  return {
    name: "nulls",
    question: `rows of ${inWords(key.schema, key.table)} with NULL in (${quoteList(key.columns)})`,
    sql: `select ${key.columns.map(asText).join(", ")} from only ${tableOfPart(key)} as r where ${key.columns.map((name) => `${row(name)} is null`).join(" or ")} order by ${inOrder(key.columns)} limit ${probeLimit}`,
    requires: keyIds(key),
    advice: "fill the columns, or delete the rows",
  };
}

function row(name: string): string {
  return `r.${quoteIdent(name)}`;
}

function asText(name: string): string {
  return `${row(name)}::pg_catalog.text as ${quoteIdent(name)}`;
}

function inOrder(columns: readonly string[]): string {
  return columns.map((name) => `${row(name)}::pg_catalog.text collate pg_catalog."C"`).join(", ");
}

/** A name for the number of rows that none of the columns has. */
function countName(columns: readonly string[]): string {
  let name = "row_count";
  while (columns.includes(name)) name = `${name}_`;
  return name;
}

function keyIds(key: {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
}): ObjectId[] {
  return [tableIdOfPart(key), ...key.columns.map((name) => columnId(key.schema, key.table, name))];
}
