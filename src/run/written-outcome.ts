/**
 * What became of a statement that a person wrote and Postgres ran outside a transaction, by the catalog: whether it has taken
 * effect, left a remainder, or cannot be told. Changes nothing; what it builds to compare with is rolled back.
 */
import { isToolError } from "../base/errors.ts";
import type { Session } from "../pg/session.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { type Segment, type Statement, statement } from "../sql/statement.ts";
import { namedKinds, readWritten, type WrittenName, type WrittenStatement } from "./written-statement.ts";

export type WrittenOutcome =
  /** nothing of it is there, or it is not to be seen and a second time does no harm */
  | { readonly state: "runs"; readonly says: string; readonly seen: boolean }
  | { readonly state: "done"; readonly says: string }
  /** what a stopped attempt leaves; the statements clear it, `ends` where that brings it to its end */
  | {
      readonly state: "remainder";
      readonly what: string;
      readonly remove: readonly Statement[];
      readonly ends: boolean;
    }
  | { readonly state: "unknown"; readonly says: string };

/** How long a comparison waits for the table. */
const lookLimit = "3s";

const nothing = { state: "runs", says: "nothing of it has taken effect", seen: true } as const;
const harmless = { state: "runs", says: "a second time does no harm", seen: false } as const;

/** A segment that is one statement of a person's, outside a transaction, with no question of its own to the catalog. */
export function isWritten({ mode, searchPath, done, leftover }: Segment): boolean {
  return mode === "alone" && searchPath !== undefined && done === undefined && leftover === undefined;
}

/** Judges such a segment. */
export async function writtenOutcome(session: Session, segment: Segment): Promise<WrittenOutcome> {
  const { searchPath = "public", statements } = segment;
  const found = await readWritten(statements[0]?.sql ?? "", searchPath);
  switch (found.does) {
    case "repeatable":
      return harmless;
    case "unknown":
      return { state: "unknown", says: "what this statement leaves in the catalog is not known" };
    case "build index":
      return builtIndex(session, found, searchPath);
    case "drop index": {
      const name = qualified(found.index.schema, found.index.name);
      return (await isThere(session, found.index)) ? nothing : { state: "done", says: `there is no ${name} any more` };
    }
    case "rebuild indexes":
      return rebuiltIndexes(session, found.relation, found.of);
    case "detach partition":
      return detached(session, found);
    default: {
      const { catalog, column } = namedKinds[found.kind];
      const rows = await session.rows(`select from ${catalog} c where c.${column} = $1`, [found.name]);
      const what = `${found.kind} ${quoteIdent(found.name)}`;
      if (found.does === "drop")
        return rows.length === 0 ? { state: "done", says: `there is no ${what} any more` } : nothing;
      if (rows.length === 0) return nothing;
      return { state: "unknown", says: `there is a ${what}; whether it is as the statement makes it is not known` };
    }
  }
}

async function isThere(session: Session, { schema, name }: WrittenName): Promise<boolean> {
  const rows = await session.rows(
    `select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2`,
    [schema, name],
  );
  return rows.length > 0;
}

type BuildIndex = Extract<WrittenStatement, { readonly does: "build index" }>;

async function builtIndex(session: Session, build: BuildIndex, searchPath: string): Promise<WrittenOutcome> {
  const { table, name } = build;
  const there = await compared(session, build, searchPath);
  if (there === undefined) {
    if (name === undefined || (await isThere(session, { schema: table.schema, name })))
      return { state: "unknown", says: `whether the index that it makes on ${nameOf(table)} is there cannot be told` };
    return nothing;
  }
  const [found] = there;
  if (found === undefined) {
    if (name === undefined || !(await isThere(session, { schema: table.schema, name }))) return nothing;
    return {
      state: "unknown",
      says: `${qualified(table.schema, name)} is there, and is not the index that this statement makes`,
    };
  }
  const index = qualified(table.schema, found.name);
  if (found.valid) return { state: "done", says: `index ${index} is there, valid and as this statement defines it` };
  const remove = [statement(`drop index concurrently ${index}`, "share update exclusive", [nameOf(table)])];
  return { state: "remainder", what: `the invalid index ${index}`, remove, ends: false };
}

interface FoundIndex {
  readonly name: string;
  readonly valid: boolean;
}

const rolledBack = new Error("the comparison is over");

/**
 * The table's indexes that are as the statement makes them, valid ones first; only the one of its name, where it gives one.
 * The server itself says how the definition reads, by way of an index on an empty temporary table. Undefined when it cannot.
 */
async function compared(
  session: Session,
  { table, name, unique, tail }: BuildIndex,
  searchPath: string,
): Promise<readonly FoundIndex[] | undefined> {
  let found: FoundIndex[] | undefined;
  const settings = { search_path: searchPath, lock_timeout: lookLimit, statement_timeout: lookLimit };
  try {
    await session.transaction({ settings }, async (tx) => {
      const copy = `pg_temp.${quoteIdent(table.name)}`;
      await tx.execute(`create temporary table ${quoteIdent(table.name)} (like ${nameOf(table)})`);
      await tx.execute(`create ${unique ? "unique " : ""}index zanith_wanted on ${copy} ${tail}`);
      const rows = await tx.rows(
        `select c.relname::text, i.indisvalid, i.indexrelid = 'pg_temp.zanith_wanted'::pg_catalog.regclass,
           i.indisunique, pg_catalog.pg_get_indexdef(i.indexrelid)
         from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
         where i.indexrelid = 'pg_temp.zanith_wanted'::pg_catalog.regclass
           or i.indrelid = $1::pg_catalog.regclass and c.relname = coalesce($2, c.relname)
         order by i.indisvalid desc, c.relname`,
        [nameOf(table), name ?? null],
      );
      const wanted = rows.find(([, , isWanted]) => isWanted === "t");
      const shape = definitionOf(wanted?.[4]);
      found = rows
        .filter((row) => row[2] === "f" && row[3] === wanted?.[3] && definitionOf(row[4]) === shape)
        .map(([index, valid]) => ({ name: index ?? "", valid: valid === "t" }));
      throw rolledBack;
    });
  } catch (error) {
    if (error !== rolledBack && !(isToolError(error) && session.alive)) throw error;
  }
  return found;
}

const part = String.raw`(?:"(?:[^"]|"")*"|[^\s".]+)`;
const printed = new RegExp(
  String.raw`^CREATE (?:UNIQUE )?INDEX ${part} ON (?:ONLY )?${part}(?:\.${part})? USING ([\s\S]*)$`,
);

/** A printed definition from its access method on. */
function definitionOf(text: string | null | undefined): string | undefined {
  return printed.exec(text ?? "")?.[1];
}

/** Ends of the names that REINDEX CONCURRENTLY gives while it works; what stands before them may be cut short. */
const remainderName = "_cc(new|old)[0-9]*$";

/**
 * REINDEX CONCURRENTLY can be repeated; a stopped one leaves `<index>_ccnew` or `<index>_ccold`, invalid (14 to 18).
 */
async function rebuiltIndexes(session: Session, relation: WrittenName, of: "index" | "table"): Promise<WrittenOutcome> {
  const rows = await session.rows(
    `select pg_catalog.format('%I.%I', n.nspname, c.relname), t.oid::pg_catalog.regclass::text
     from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     join pg_catalog.pg_class t on t.oid = i.indrelid
     join pg_catalog.pg_index o on o.indrelid = i.indrelid and o.indexrelid <> i.indexrelid
     join pg_catalog.pg_class oc on oc.oid = o.indexrelid
     join pg_catalog.pg_class named on named.oid in (o.indexrelid, o.indrelid)
     where not i.indisvalid and n.nspname = $1 and named.relnamespace = n.oid and named.relname = $2
       and (named.oid = o.indexrelid) = ($3 = 'index')
       and c.relname ~ $4
       and left(oc.relname, length(regexp_replace(c.relname, $4, ''))) = regexp_replace(c.relname, $4, '')
     group by 1, 2 order by 1`,
    [relation.schema, relation.name, of, remainderName],
  );
  if (rows.length === 0) return harmless;
  const names = rows.map(([name]) => name ?? "");
  return {
    state: "remainder",
    what: `what a REINDEX CONCURRENTLY that did not end leaves: ${names.join(", ")}`,
    remove: rows.map(([name, table]) =>
      statement(`drop index concurrently ${name}`, "share update exclusive", [table ?? ""]),
    ),
    ends: false,
  };
}

async function detached(
  session: Session,
  { parent, partition }: Extract<WrittenStatement, { readonly does: "detach partition" }>,
): Promise<WrittenOutcome> {
  const [row] = await session.rows(
    `select i.inhdetachpending from pg_catalog.pg_inherits i
     join pg_catalog.pg_class p on p.oid = i.inhparent join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
     join pg_catalog.pg_class c on c.oid = i.inhrelid join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace
     where pn.nspname = $1 and p.relname = $2 and cn.nspname = $3 and c.relname = $4`,
    [parent.schema, parent.name, partition.schema, partition.name],
  );
  const [from, name] = [nameOf(parent), nameOf(partition)];
  if (row === undefined) {
    return (await isThere(session, partition))
      ? { state: "done", says: `${name} is no partition of ${from} any more` }
      : nothing;
  }
  if (row[0] !== "t") return nothing;
  const finalize = `alter table ${from} detach partition ${name} finalize`;
  return {
    state: "remainder",
    what: `the unfinished detach of ${name} from ${from}`,
    remove: [statement(finalize, "share update exclusive", [from, name])],
    ends: true,
  };
}

function nameOf({ schema, name }: WrittenName): string {
  return qualified(schema, name);
}
