/**
 * The questions about rows that several kinds ask before they touch a column. Any offending rows will do, so they are not
 * sorted: that would read the whole table where the first page answers.
 */
import { type Probe, probeLimit } from "../../risk/probe.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { type ColumnPlace, columnIdOf, columnInWords, inWords, tableIdOf, tableOf } from "../place.ts";

/** Characters of a row's text that a probe shows. */
const shownCharacters = 200;

const shownRow = `r.ctid::pg_catalog.text as ctid, pg_catalog.left((r.*)::pg_catalog.text, ${shownCharacters}) as "row"`;

/** Whether a column that must hold a value has rows without one. */
export function nullsProbe(place: ColumnPlace): Probe {
  return {
    name: "nulls",
    question: `rows of ${inWords(place.schema, place.table)} where ${quoteIdent(place.name)} is null`,
    sql: `select ${shownRow} from ${tableOf(place)} as r where r.${quoteIdent(place.name)} is null limit ${probeLimit}`,
    requires: [tableIdOf(place), columnIdOf(place)],
    advice: `fill them first: update ${tableOf(place)} set ${quoteIdent(place.name)} = … where ${quoteIdent(place.name)} is null`,
  };
}

/** Whether a table that gets a required column has rows, which would have no value for it. */
export function populatedProbe(place: ColumnPlace): Probe {
  return {
    name: "populated",
    question: `rows of ${inWords(place.schema, place.table)}, which would have no value for ${quoteIdent(place.name)}`,
    sql: `select ${shownRow} from ${tableOf(place)} as r limit ${probeLimit}`,
    requires: [tableIdOf(place)],
    advice: `add ${columnInWords(place)} as a nullable column or with a default, fill it, then make it NOT NULL`,
  };
}
