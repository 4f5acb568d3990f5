/** Reads publications with the tables, columns, rows and schemas they publish. */
import { compareText } from "../../base/ordered.ts";
import type { Publication } from "../../model/object.ts";
import { type PublishedTable, publishedOrder } from "../../model/publication.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { address, type CatalogDraft, catalogOid, columnNames, commentOn } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, isTrue, optional, value } from "./family.ts";

/** Column lists, row filters and schemas exist since 15. */
const younger = {
  columns: "r.prattrs::pg_catalog.int2[]",
  where: "pg_catalog.pg_get_expr(r.prqual, r.prrelid)",
  schemas: `(select pg_catalog.json_agg(n.nspname)
    from pg_catalog.pg_publication_namespace s
    join pg_catalog.pg_namespace n on n.oid = s.pnnspid
    where s.pnpubid = p.oid)`,
};
const absent = { columns: "null", where: "null", schemas: "null" };

export const publications: CatalogFamily = {
  name: "publications",
  width: 8,
  query: (versionNum) => {
    const { columns, where, schemas } = versionNum >= 150000 ? younger : absent;
    return `
select p.oid, p.pubname, nullif(p.puballtables, false),
  pg_catalog.concat_ws(' ', case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,
    case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end),
  nullif(p.pubviaroot, false), ${versionNum >= 180000 ? "nullif(p.pubgencols, 'n')" : "null"},
  (select pg_catalog.json_agg(pg_catalog.json_build_array(r.oid::pg_catalog.text, r.prrelid::pg_catalog.text, ${columns}, ${where}))
    from pg_catalog.pg_publication_rel r where r.prpubid = p.oid), ${schemas}
from pg_catalog.pg_publication p
where p.oid >= ${firstUserOid}
order by p.oid`;
  },
  read(rows, draft) {
    for (const row of rows) readPublication(row, draft);
  },
};

type MemberRow = readonly [oid: string, relation: string, columns: readonly number[] | null, where: string | null];

const everything = "insert update delete truncate";

function readPublication(row: CatalogRow, draft: CatalogDraft): void {
  const oid = value(row, 0);
  if (draft.extensionMembers.has(address(catalogOid.publication, oid))) return;
  const object: Publication = { kind: "publication", name: value(row, 1) };
  if (isTrue(row, 2)) object.allTables = true;
  const publish = value(row, 3);
  if (publish !== everything)
    object.publish = publish.split(" ").filter((word) => word !== "") as Publication["publish"];
  if (isTrue(row, 4)) object.viaRoot = true;
  if (optional(row, 5) === "s") object.generatedColumns = "stored";
  const members = JSON.parse(optional(row, 6) ?? "[]") as readonly MemberRow[];
  const tables = members.flatMap((member) => readMember(member, draft, object) ?? []);
  if (tables.length > 0) object.tables = tables.sort(publishedOrder);
  const schemas = (JSON.parse(optional(row, 7) ?? "[]") as string[]).sort(compareText);
  if (schemas.length > 0) object.schemas = schemas;
  const comment = commentOn(draft, catalogOid.publication, oid);
  if (comment !== undefined) object.comment = comment;
  draft.objects.push(object);
}

/** A table that is no part of the graph is named, unless it is the tool's own or set aside by it. */
function readMember(
  [oid, relation, numbers, where]: MemberRow,
  draft: CatalogDraft,
  publication: Publication,
): PublishedTable | undefined {
  const table = draft.tables.get(relation);
  const columns = numbers && table && columnNames(table, numbers.map(String));
  if (table === undefined || (numbers !== null && columns === undefined)) {
    if (!draft.ownRelations.has(relation)) {
      const kind = "table of publication that is not modelled";
      draft.unmodelled.push({ kind, name: `a table of ${quoteIdent(publication.name)}` });
    }
    return undefined;
  }
  draft.expressionOwners.set(address(catalogOid.publicationTable, oid), { object: publication, goesWithColumn: false });
  return {
    schema: table.schema,
    table: table.name,
    ...(columns ? { columns: columns.sort(compareText) } : {}),
    ...(where === null ? {} : { where }),
  };
}
