/** Reads sequences: free and serial ones as objects of their own, identity columns' as options for the column family. */

import { makeId } from "../../model/kinds.ts";
import type { Sequence, SequenceOptions } from "../../model/object.ts";
import { qualified, quoteIdent, serverMadeName } from "../../sql/identifier.ts";
import { address, type CatalogDraft, catalogOid, commentOn, isParked } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, isTrue, optional, value } from "./family.ts";

const typeRanges: Readonly<Record<string, { readonly min: string; readonly max: string }>> = {
  smallint: { min: "-32768", max: "32767" },
  integer: { min: "-2147483648", max: "2147483647" },
  bigint: { min: "-9223372036854775808", max: "9223372036854775807" },
};

export const sequences: CatalogFamily = {
  name: "sequences",
  width: 16,
  query: () => `
select c.oid, c.relnamespace, c.relname, pg_catalog.format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin,
  s.seqmax, s.seqcache, s.seqcycle, d.deptype, d.refobjid, d.refobjsubid, a.attname,
  s.seqtypid <> a.atttypid, c.relpersistence
from pg_catalog.pg_sequence s
join pg_catalog.pg_class c on c.oid = s.seqrelid
left join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = s.seqrelid
  and d.objsubid = 0 and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjsubid > 0
  and d.deptype in ('a', 'i')
left join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where s.seqrelid >= ${firstUserOid}
order by c.oid`,
  read(rows, draft) {
    for (const row of rows) readSequence(row, draft);
  },
};

function readSequence(row: CatalogRow, draft: CatalogDraft): void {
  const oid = value(row, 0);
  const schema = draft.schemas.get(value(row, 1));
  if (schema === undefined || draft.extensionMembers.has(address(catalogOid.relation, oid))) return;
  const name = value(row, 2);
  const owner = optional(row, 11);
  const table = owner === undefined ? undefined : draft.tables.get(owner);
  const column = optional(row, 13);
  // the sequence of a column that is not in the graph goes with it
  if (owner !== undefined && (!table || column === undefined || isParked(draft, column))) return;
  const usual = table?.unlogged === true && draft.versionNum >= 150000 ? "u" : "p";
  if (value(row, 15) !== usual) {
    draft.unmodelled.push({ kind: "persistence of sequence", name: qualified(schema, name) });
  }
  const comment = commentOn(draft, catalogOid.relation, oid);
  if (optional(row, 10) === "i" && table && column !== undefined) {
    table.identities.set(value(row, 12), identityOptions(row, table.name));
    draft.identitySequences.set(oid, qualified(schema, name));
    const place = `${qualified(schema, table.name)}.${quoteIdent(column)}`;
    if (comment !== undefined) draft.unmodelled.push({ kind: "comment on identity sequence", name: place });
    if (isTrue(row, 14)) draft.unmodelled.push({ kind: "type of identity sequence", name: place });
    return;
  }
  const object: Sequence = { kind: "sequence", schema, name };
  const type = value(row, 3);
  if (type !== "bigint") object.type = type;
  Object.assign(object, sequenceOptions(row));
  if (table && column !== undefined) object.ownedBy = { table: table.name, column };
  if (comment !== undefined) object.comment = comment;
  draft.ids.set(address(catalogOid.relation, oid), makeId("sequence", schema, name));
  draft.objects.push(object);
}

function identityOptions(row: CatalogRow, table: string): { sequence?: string } & SequenceOptions {
  const name = value(row, 2);
  const serverMade = serverMadeName(table, value(row, 13), "seq");
  return name === serverMade ? sequenceOptions(row) : { sequence: name, ...sequenceOptions(row) };
}

/** The options that are not the type's defaults; those depend on the direction (CREATE SEQUENCE, the same in 14 to 18). */
function sequenceOptions(row: CatalogRow): SequenceOptions {
  const range = typeRanges[value(row, 3)];
  const start = value(row, 4);
  const increment = value(row, 5);
  const min = value(row, 6);
  const max = value(row, 7);
  const cache = value(row, 8);
  const descending = increment.startsWith("-");
  const options: SequenceOptions = {};
  if (start !== (descending ? max : min)) options.start = start;
  if (increment !== "1") options.increment = increment;
  if (min !== (descending ? range?.min : "1")) options.min = min;
  if (max !== (descending ? "-1" : range?.max)) options.max = max;
  if (cache !== "1") options.cache = cache;
  if (isTrue(row, 9)) options.cycle = true;
  return options;
}
