/**
 * Reads a live database into a SchemaGraph: the list of catalog families, one snapshot for all of them, one query each.
 * Knows no kind of object.
 */
import { defined } from "../../base/assert.ts";
import { isToolError, withContext } from "../../base/errors.ts";
import { compareText } from "../../base/ordered.ts";
import { makeGraph, type SchemaGraph } from "../../model/graph.ts";
import { columns, columnTypes, defaults } from "./columns.ts";
import { comments } from "./comments.ts";
import { constraints } from "./constraints.ts";
import { dependencies } from "./dependencies.ts";
import { type CatalogDraft, makeDraft, type ReadOptions } from "./draft.ts";
import { enums } from "./enums.ts";
import { extensionMembers, extensions } from "./extensions.ts";
import {
  type CatalogFamily,
  type CatalogReader,
  type CatalogRow,
  fetchedRows,
  fetchText,
  isChangedMeanwhile,
} from "./family.ts";
import { grants } from "./grants.ts";
import { indexes } from "./indexes.ts";
import { notNullConstraints } from "./not-null-constraints.ts";
import { policies } from "./policies.ts";
import { relations } from "./relations.ts";
import { leaveOutLedgerSchema, schemas } from "./schemas.ts";
import { sequences } from "./sequences.ts";
import { unmodelledObjects } from "./unmodelled-objects.ts";

export type { ReadOptions } from "./draft.ts";

/** How often reading starts again when another session changes the schema meanwhile. */
const maxAttempts = 3;

/** In the order in which they are read; the queries are sent in the same order. */
const families: readonly CatalogFamily[] = [
  extensionMembers,
  comments,
  schemas,
  extensions,
  enums,
  relations,
  sequences,
  columnTypes,
  defaults,
  columns,
  constraints,
  indexes,
  policies,
  dependencies,
  notNullConstraints,
  grants,
  unmodelledObjects,
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
} as const;

/**
 * The schema of the session's database, read in one REPEATABLE READ snapshot with a fixed number of queries (one a
 * family, whatever the number of objects). Left out are the server's own and temporary schemas, what belongs to
 * extensions, and, unless `includeOwn`, the tool's tables and archives and what a soft drop has parked under
 * `_zanith_dropped_…`. Whatever else the catalog holds is named in `unmodelled`. Needs no right but to connect.
 */
export async function readGraph(session: CatalogSession, options: ReadOptions): Promise<SchemaGraph> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readOnce(session, options);
    } catch (error) {
      if (attempt === maxAttempts || !isChangedMeanwhile(error)) throw error;
    }
  }
}

function readOnce(session: CatalogSession, options: ReadOptions): Promise<SchemaGraph> {
  const { versionNum } = session.server;
  return session.transaction({ isolation: "repeatable read", readOnly: true, settings }, async (transaction) => {
    const asked = families.filter(({ since = 0 }) => versionNum >= since);
    const answers = asked.map((family) => transaction.rows(fetchText(family, versionNum)));
    // the first failure is reported below; those that follow from it are not to stay unhandled
    Promise.all(answers).catch(() => undefined);
    const draft = makeDraft(versionNum, options);
    for (const [index, family] of asked.entries()) family.read(await answered(family, answers[index]), draft);
    return graphOf(draft);
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

function graphOf(draft: CatalogDraft): SchemaGraph {
  leaveOutLedgerSchema(draft);
  const { objects, gone, unmodelled } = draft;
  unmodelled.sort((a, b) => compareText(a.kind, b.kind) || compareText(a.name, b.name));
  return makeGraph(gone.size === 0 ? objects : objects.filter((object) => !gone.has(object)), unmodelled);
}
