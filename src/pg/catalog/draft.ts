/**
 * The graph while it is being read: what the families have found so far, by the oids the catalog uses. Decides which
 * namespaces and relations are in scope; makes no object itself.
 */
import { defined } from "../../base/assert.ts";
import type { Unmodelled } from "../../model/graph.ts";
import { type ObjectId, objectId } from "../../model/kinds.ts";
import type { Column, Domain, Index, PrimaryKey, SchemaObject, Unique } from "../../model/object.ts";

/** Oids of system catalogs as they stand in pg_depend and pg_description: fixed in the server's sources since before 14. */
export const catalogOid = {
  type: "1247",
  routine: "1255",
  relation: "1259",
  collation: "3456",
  attributeDefault: "2604",
  constraint: "2606",
  namespace: "2615",
  rule: "2618",
  trigger: "2620",
  extension: "3079",
  statistics: "3381",
  textSearchDictionary: "3600",
  textSearchConfiguration: "3602",
  policy: "3256",
  eventTrigger: "3466",
  foreignDataWrapper: "2328",
  foreignServer: "1417",
  publication: "6104",
  publicationTable: "6106",
} as const;

/** Names of the tool's own tables, in the audit schema. */
const ownTables = new Set([
  "_zanith_migrations",
  "_zanith_migration_steps",
  "_zanith_schema_snapshots",
  "_zanith_migration_artifacts",
  "_zanith_migration_checkpoints",
]);
/** Starts the names of functions of ours that keep columns in step while that is needed; of their triggers after `zz`. */
const helperPrefixes = ["_zanith_", "zz_zanith_"];
const ownSchema = "_zanith_shadow";
const parkedPrefix = "_zanith_dropped_";

export interface ReadOptions {
  /** the schema that holds the tool's five tables */
  readonly auditSchema: string;
  /** read this schema and what is in it, and nothing else */
  readonly only?: string;
  /** also read who owns what */
  readonly owners?: boolean;
  /** also read the tool's own tables, archives and parked objects */
  readonly includeOwn?: boolean;
}

/** A table of the graph. Its columns go by their attribute number, as text. */
export interface DraftTable {
  readonly schema: string;
  readonly name: string;
  readonly id: ObjectId;
  readonly unlogged: boolean;
  /** whether it is divided into partitions */
  readonly partitioned: boolean;
  /** whether it is a partition */
  readonly partition: boolean;
  readonly columns: Map<string, Column>;
  readonly comments: ReadonlyMap<string, string> | undefined;
  /** what each identity column's sequence has that is not the default */
  readonly identities: Map<string, Omit<NonNullable<Column["identity"]>, "generation">>;
}

/** An object whose expressions may refer to others: `dependsOn` is filled when the dependencies are read. */
export interface ExpressionOwner {
  readonly object: SchemaObject;
  /** whether it goes when a column it refers to is parked */
  readonly goesWithColumn: boolean;
}

/** A type as columns have it: with its modifier, the collation when it is not the type's own, ids of what it refers to. */
export interface ColumnType {
  readonly text: string;
  readonly collation: string | undefined;
  readonly ids: readonly ObjectId[];
}

export interface CatalogDraft {
  readonly options: ReadOptions;
  readonly versionNum: number;
  /** `class.oid` of everything an extension owns */
  readonly extensionMembers: Set<string>;
  /** names of the namespaces in scope, by oid */
  readonly schemas: Map<string, string>;
  /** tables of the graph, by oid */
  readonly tables: Map<string, DraftTable>;
  /** views and materialized views of the graph, by oid; their columns are no objects */
  readonly views: Map<string, DraftTable>;
  /** oids of foreign tables of the graph; their columns are no objects */
  readonly foreignTables: Set<string>;
  /** domains of the graph, by oid */
  readonly domains: Map<string, Domain>;
  /** oids of relations that are named as not modelled */
  readonly listedRelations: Set<string>;
  /** oids of the tool's own and parked relations, which are not even named */
  readonly ownRelations: Set<string>;
  /** `class.oid` → comments on the object there (under "0") and its columns (under their numbers) */
  readonly comments: Map<string, Map<string, string>>;
  /** `class.oid` → the object of the graph there; columns are found through their table */
  readonly ids: Map<string, ObjectId>;
  /** `class.oid.column` of parked columns */
  readonly parkedColumns: Set<string>;
  /** keys and indexes of the graph by the oid of their index, for what is attached to them */
  readonly indexNames: Map<string, NonNullable<Index["attachedTo"]>>;
  /** keys and indexes with the oid of the index of the parent that theirs is attached to */
  readonly attachedKeys: { readonly object: PrimaryKey | Unique | Index; readonly index: string }[];
  /** oids of indexes with a statistics target on an expression */
  readonly indexTargets: Set<string>;
  /** qualified names of identity columns' sequences, by oid */
  readonly identitySequences: Map<string, string>;
  /** types by the text the queries write for type, modifier and collation */
  readonly columnTypes: Map<string, ColumnType>;
  /** `class.oid`, or `class.oid.column` for what is recorded of a column itself */
  readonly expressionOwners: Map<string, ExpressionOwner>;
  readonly objects: SchemaObject[];
  /** objects that turned out to be no part of the graph: a drop of the parked column they refer to would have dropped them */
  readonly gone: Set<SchemaObject>;
  readonly unmodelled: Unmodelled[];
}

/** An empty draft. */
export function makeDraft(versionNum: number, options: ReadOptions): CatalogDraft {
  return {
    options,
    versionNum,
    extensionMembers: new Set(),
    schemas: new Map(),
    tables: new Map(),
    views: new Map(),
    foreignTables: new Set(),
    domains: new Map(),
    listedRelations: new Set(),
    ownRelations: new Set(),
    comments: new Map(),
    ids: new Map(),
    parkedColumns: new Set(),
    indexNames: new Map(),
    attachedKeys: [],
    indexTargets: new Set(),
    identitySequences: new Map(),
    columnTypes: new Map(),
    expressionOwners: new Map(),
    objects: [],
    gone: new Set(),
    unmodelled: [],
  };
}

/** A place in the catalog as the draft's maps name it; a column is written with its number. */
export function address(classOid: string, oid: string, column = "0"): string {
  return column === "0" ? `${classOid}.${oid}` : `${classOid}.${oid}.${column}`;
}

/** The comment on an object that is not a column. */
export function commentOn(draft: CatalogDraft, classOid: string, oid: string): string | undefined {
  return draft.comments.size === 0 ? undefined : draft.comments.get(address(classOid, oid))?.get("0");
}

/** Whether a schema is the tool's own. */
export function isOwnSchema(draft: CatalogDraft, schema: string): boolean {
  return schema === ownSchema && draft.options.includeOwn !== true;
}

/** Whether a table is the tool's own or parked by a soft drop. */
export function isOwnTable(draft: CatalogDraft, schema: string, name: string): boolean {
  if (draft.options.includeOwn === true) return false;
  return isParked(draft, name) || (schema === draft.options.auditSchema && ownTables.has(name));
}

/** Whether a table or column was set aside by a soft drop: still there, but no longer part of the schema. */
export function isParked(draft: CatalogDraft, name: string): boolean {
  return name.startsWith(parkedPrefix) && draft.options.includeOwn !== true;
}

/** Lists attributes that are not modelled: each letter stands for one of `kinds`. */
export function listAttributes(
  draft: CatalogDraft,
  letters: string | undefined,
  kinds: Readonly<Record<string, string>>,
  name: () => string,
): void {
  for (const letter of letters ?? "")
    draft.unmodelled.push({ kind: defined(kinds[letter], "an unknown attribute"), name: name() });
}

/** The id of a column by table and attribute number, if both are in the graph. */
export function columnIdAt(draft: CatalogDraft, tableOid: string, column: string): ObjectId | undefined {
  const object = draft.tables.get(tableOid)?.columns.get(column);
  return object && objectId(object);
}

/** The names of columns by number; undefined when one of them is not in the graph (parked, or an expression's 0). */
export function columnNames(table: DraftTable, numbers: readonly string[]): string[] | undefined {
  const names: string[] = [];
  for (const number of numbers) {
    const column = table.columns.get(number);
    if (!column) return undefined;
    names.push(column.name);
  }
  return names;
}

/** Whether a function or trigger is one of ours that goes again by itself. */
export function isHelper(draft: CatalogDraft, name: string): boolean {
  return helperPrefixes.some((prefix) => name.startsWith(prefix)) && draft.options.includeOwn !== true;
}
