/**
 * Questions to the catalog about an index that is being built or replaced. What merely has the name is not taken for ours:
 * table, access method, uniqueness and plain columns have to be the same.
 */
import type { CatalogQuestion } from "../../sql/statement.ts";
import { either, relationExists } from "./question.ts";

/** What tells an index apart without comparing expressions as text. */
export interface IndexTraits {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly unique: boolean;
  /** access method */
  readonly method: string;
  /** plain columns among keys and INCLUDE, in order of first appearance */
  readonly columns: readonly string[];
}

const sameTraits = `
  select from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_class t on t.oid = i.indrelid
  join pg_catalog.pg_am m on m.oid = c.relam
  where n.nspname = $1 and c.relname = $2 and t.relname = $3 and m.amname = $4
    and i.indisunique = $5::pg_catalog.bool
    and array(
      select a.attname::pg_catalog.text
      from pg_catalog.unnest(i.indkey::pg_catalog.int2[]) with ordinality k (number, place)
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
      group by a.attname order by pg_catalog.min(k.place)
    ) = array(
      select j.name from pg_catalog.json_array_elements_text($6::pg_catalog.json) with ordinality j (name, place)
      group by j.name order by pg_catalog.min(j.place)
    )`;

function traits(index: IndexTraits): string[] {
  const { schema, name, table, unique, method, columns } = index;
  return [schema, name, table, method, String(unique), JSON.stringify(columns)];
}

/** Whether the index exists and is complete. */
export function indexIsBuilt(index: IndexTraits): CatalogQuestion {
  return { sql: `select exists (${sameTraits}\n    and i.indisvalid\n)`, params: traits(index) };
}

/** Whether the index exists, complete or not: that of a partitioned table is complete when those of the partitions are. */
export function indexIsThere(index: IndexTraits): CatalogQuestion {
  return { sql: `select exists (${sameTraits}\n)`, params: traits(index) };
}

/** Whether the index is what a failed CREATE INDEX CONCURRENTLY leaves: there, but not valid. */
export function indexIsInvalid(index: IndexTraits): CatalogQuestion {
  return { sql: `select exists (${sameTraits}\n    and not i.indisvalid\n)`, params: traits(index) };
}

/** An index that gives way to another of the same name, and the name it has meanwhile. */
export interface OldIndex {
  readonly definition: string;
  readonly unique: boolean;
  readonly oldName: string;
}

/** Whether the old index has been put aside, or is gone already. */
export function oldIndexIsAside(index: IndexTraits, old: OldIndex): CatalogQuestion {
  return either(relationExists(index.schema, old.oldName), newIndexIsAlone(index, old));
}

/** Whether the new index is complete while the old one is still there, or gone already. */
export function newIndexIsBuilt(index: IndexTraits, old: OldIndex): CatalogQuestion {
  const beside = {
    sql: `select exists (${sameTraits}\n    and i.indisvalid\n) and exists (${namedSeventh})`,
    params: [...traits(index), old.oldName],
  };
  return either(beside, newIndexIsAlone(index, old));
}

/** Whether the new index is what a failed build leaves, beside the old one: before all work an invalid one of its name is the old one. */
export function newIndexIsInvalid(index: IndexTraits, old: OldIndex): CatalogQuestion {
  return {
    sql: `select exists (${sameTraits}\n    and not i.indisvalid\n) and exists (${namedSeventh})`,
    params: [...traits(index), old.oldName],
  };
}

/**
 * Whether the new index is complete and the old one gone. Before all work the old one has the name alone, too: what has its
 * definition and uniqueness is not the new one.
 */
export function newIndexIsAlone(index: IndexTraits, old: OldIndex): CatalogQuestion {
  return {
    sql: `select exists (${sameTraits}
    and i.indisvalid
    and not (i.indisunique = $8::pg_catalog.bool and pg_catalog.pg_get_indexdef(i.indexrelid) like '% USING ' || $9)
) and not exists (${namedSeventh})`,
    params: [...traits(index), old.oldName, String(old.unique), likePattern(old.definition)],
  };
}

const namedSeventh = `
  select from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $7
`;

function likePattern(text: string): string {
  return text.replaceAll(/[\\%_]/g, "\\$&");
}
