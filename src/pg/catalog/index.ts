/**
 * Reads a live database into a SchemaGraph: the list of catalog families, one snapshot for all of them, one query each.
 * Knows no kind of object.
 */
import { defined } from "../../base/assert.ts";
import { isToolError, type ToolError, withContext } from "../../base/errors.ts";
import { compareText } from "../../base/ordered.ts";
import { graphOfMap, type SchemaGraph } from "../../model/graph.ts";
import { type ObjectId, objectId } from "../../model/kinds.ts";
import type { SchemaObject } from "../../model/object.ts";
import { aggregates } from "./aggregates.ts";
import { collations } from "./collations.ts";
import { columns, columnTypes, defaults } from "./columns.ts";
import { comments } from "./comments.ts";
import { compositeTypes } from "./composite-types.ts";
import { constraints } from "./constraints.ts";
import { dependencies } from "./dependencies.ts";
import { domainChecks, domains } from "./domains.ts";
import { type CatalogDraft, makeDraft, type ReadOptions } from "./draft.ts";
import { enums } from "./enums.ts";
import { eventTriggers } from "./event-triggers.ts";
import { extensionMembers, extensions } from "./extensions.ts";
import {
  type CatalogFamily,
  type CatalogReader,
  type CatalogRow,
  fetchedRows,
  fetchText,
  isChangedMeanwhile,
} from "./family.ts";
import { foreignDataWrappers, foreignServers, userMappings } from "./foreign-servers.ts";
import { foreignTables } from "./foreign-tables.ts";
import { defaultPrivileges, grants } from "./grants.ts";
import { heldTableAttempts, heldTableWait, isTableHeld, tableHeld } from "./held-tables.ts";
import { indexes } from "./indexes.ts";
import { notNullConstraints } from "./not-null-constraints.ts";
import { owners } from "./owners.ts";
import { policies } from "./policies.ts";
import { publications } from "./publications.ts";
import { rangeTypes } from "./range-types.ts";
import { relations } from "./relations.ts";
import { routines } from "./routines.ts";
import { rules } from "./rules.ts";
import { leaveOutLedgerSchema, schemas } from "./schemas.ts";
import { sequences } from "./sequences.ts";
import { statistics } from "./statistics.ts";
import { textSearchConfigurations, textSearchDictionaries } from "./text-search.ts";
import { triggers } from "./triggers.ts";
import { unmodelledObjects } from "./unmodelled-objects.ts";
import { views } from "./views.ts";

export type { ReadOptions } from "./draft.ts";

/** How often reading starts again when another session changes the schema meanwhile. */
const maxAttempts = 3;

/**
 * In the order in which they are sent and read. What takes the server long to print comes last: it does that while the
 * rows before it are read here.
 */
const families: readonly CatalogFamily[] = [
  extensionMembers,
  comments,
  schemas,
  extensions,
  enums,
  domains,
  domainChecks,
  compositeTypes,
  rangeTypes,
  collations,
  textSearchDictionaries,
  textSearchConfigurations,
  relations,
  sequences,
  columnTypes,
  columns,
  constraints,
  policies,
  statistics,
  notNullConstraints,
  routines,
  aggregates,
  views,
  triggers,
  rules,
  eventTriggers,
  foreignDataWrappers,
  foreignServers,
  userMappings,
  foreignTables,
  publications,
  grants,
  defaultPrivileges,
  owners,
  unmodelledObjects,
  defaults,
  indexes,
  dependencies,
];

/** What reading needs of a session: its server's version and a transaction on its connection. */
export interface CatalogSession {
  readonly server: { readonly versionNum: number };
  transaction<T>(
    options: {
      readonly isolation: "repeatable read";
      readonly readOnly: true;
      readonly settings: Readonly<Record<string, string>>;
    },
    work: (transaction: CatalogReader) => Promise<T>,
  ): Promise<T>;
}

/**
 * Everything that changes how the server prints expressions is fixed, so that two servers print the same for the same.
 * Quick plans matter more than good ones: no compilation, no workers.
 */
const settings = {
  search_path: "",
  jit: "off",
  max_parallel_workers_per_gather: "0",
  quote_all_identifiers: "off",
  standard_conforming_strings: "on",
  extra_float_digits: "1",
  bytea_output: "hex",
  datestyle: "ISO, YMD",
  intervalstyle: "postgres",
  timezone: "UTC",
  lc_monetary: "C",
  lock_timeout: heldTableWait,
} as const;

/**
 * The schema of the session's database, read in one REPEATABLE READ snapshot with a fixed number of queries (one a
 * family, whatever the number of objects). Left out are the server's own and temporary schemas, what belongs to
 * extensions, and, unless `includeOwn`, the tool's tables (with the schema of their own that came with them), its archives
 * and what a soft drop has parked under `_zanith_dropped_…`. Whatever else the catalog holds is named in `unmodelled`;
 * owners are named once a role. Needs no right but to connect.
 *
 * Definitions are printed by server functions that see the catalog as it is when they run (ruleutils.c, 14 to 18). When one
 * of them finds its object gone, reading starts again; a rename in that moment shows in definitions before it shows in names.
 * @throws ToolError statement_failed when the schema did not stop changing; lock_timeout with who holds the table when one
 * was not to be opened for a minute; what the session throws
 */
export async function readGraph(session: CatalogSession, options: ReadOptions): Promise<SchemaGraph> {
  let changed = 0;
  for (let waited = 1; ; ) {
    try {
      return await readOnce(session, options);
    } catch (error) {
      if (isTableHeld(error)) {
        if (++waited > heldTableAttempts) throw await whoHolds(session, error);
      } else if (++changed === maxAttempts || !isChangedMeanwhile(error)) throw error;
    }
  }
}

function whoHolds(session: CatalogSession, error: ToolError): Promise<ToolError> {
  return session.transaction({ isolation: "repeatable read", readOnly: true, settings: {} }, (transaction) =>
    tableHeld(transaction, error),
  );
}

function readOnce(session: CatalogSession, options: ReadOptions): Promise<SchemaGraph> {
  const { versionNum } = session.server;
  return session.transaction({ isolation: "repeatable read", readOnly: true, settings }, async (transaction) => {
    const asked = families.filter(
      (family) => versionNum >= (family.since ?? 0) && (family !== owners || options.owners === true),
    );
    const answers = asked.map((family) => transaction.rows(fetchText(family, versionNum)));
    // the first failure is reported below; those that follow from it are not to stay unhandled
    Promise.all(answers).catch(() => undefined);
    const draft = makeDraft(versionNum, options);
    const entries: Entry[] = [];
    for (const [index, family] of asked.entries()) {
      family.read(await answered(family, answers[index]), draft);
      // while the server is at the next answer
      for (const object of draft.objects.slice(entries.length)) entries.push([objectId(object), object]);
    }
    return graphOf(draft, entries);
  });
}

async function answered(
  family: CatalogFamily,
  answer: ReturnType<CatalogReader["rows"]> | undefined,
): Promise<readonly CatalogRow[]> {
  try {
    return fetchedRows(defined(await answer, "a family without a query"));
  } catch (error) {
    if (!isToolError(error, "statement_failed")) throw error;
    throw withContext(error, { what: `the ${family.name} of the schema could not be read: ${error.what}` });
  }
}

type Entry = readonly [id: ObjectId, object: SchemaObject];

function graphOf(draft: CatalogDraft, entries: readonly Entry[]): SchemaGraph {
  leaveOutLedgerSchema(draft);
  const { gone, unmodelled } = draft;
  unmodelled.sort((a, b) => compareText(a.kind, b.kind) || compareText(a.name, b.name));
  const { only } = draft.options;
  const isMeant = (object: SchemaObject): boolean => only === undefined || schemaOf(object) === only;
  const kept = entries
    .filter(([, object]) => !gone.has(object) && isMeant(object))
    .sort(([a], [b]) => compareText(a, b));
  return graphOfMap(new Map(kept), unmodelled);
}

/** The schema an object is in, or is. */
function schemaOf(object: SchemaObject): string | undefined {
  if (object.kind === "schema") return object.name;
  return "schema" in object ? object.schema : undefined;
}
