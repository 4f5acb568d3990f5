/**
 * Runs the statements of scripts one by one on a throwaway database, as psql would, and gives errors of the server
 * their place in the file.
 */
import { type ErrorCode, isToolError } from "../base/errors.ts";
import type { SaidRename } from "../diff/said-renames.ts";
import type { Session } from "../pg/session.ts";
import { characterOffset, type ParsedStatement } from "./postgres-parser.ts";
import { refusalOf } from "./refused-statements.ts";
import { refuseRenamesAfter, renamesSaidIn } from "./renamed-from.ts";
import { parseScript, type Script, scriptError } from "./script.ts";

/** One statement of a schema may take this long; pg_dump's scripts switch the server's own limit off. */
export const statementDeadlineMs = 600_000;

/** What is left of a statement when its tree is no longer needed. */
type CheckedStatement = Pick<ParsedStatement, "text" | "start">;

/** Refusals of the server that are about the statement and not about the session. */
const statementCodes: ReadonlySet<ErrorCode> = new Set([
  "statement_failed",
  "permission_denied",
  "statement_timeout",
  "lock_timeout",
  "deadlock",
]);

/** A script whose statements may all be run. */
export interface CheckedScript {
  readonly script: Script;
  readonly statements: readonly CheckedStatement[];
  /** what its comments say about names */
  readonly renames: readonly SaidRename[];
}

/**
 * Parses scripts and looks at every statement; runs nothing and needs no database.
 * @throws ToolError sql_invalid for a syntax error or a statement that would reach beyond the database
 */
export async function checkScripts(scripts: readonly Script[]): Promise<readonly CheckedScript[]> {
  const checked: CheckedScript[] = [];
  for (const script of scripts) checked.push({ script, ...(await checkStatements(script)) });
  return checked;
}

/**
 * Runs scripts in the order given with search_path = public.
 * @throws ToolError sql_invalid with file, line and column; connection_lost and its kin from the session
 */
export async function runScripts(session: Session, scripts: readonly CheckedScript[]): Promise<void> {
  await withOwnSettings(session, async () => {
    for (const { script, statements } of scripts) {
      for (const statement of statements) await runStatement(session, script, statement);
    }
  });
}

/** The statements of a script, once it is clear that all of them may be run and no transaction stays open. */
async function checkStatements(script: Script): Promise<Omit<CheckedScript, "script">> {
  const statements: CheckedStatement[] = [];
  const renames: SaidRename[] = [];
  let end = 0;
  let opened: ParsedStatement | undefined;
  for await (const statement of parseScript(script)) {
    const refusal = refusalOf(statement.node);
    if (refusal) throw scriptError(script, statement.start, refusal.why, refusal.next);
    opened = openTransaction(statement, opened);
    statements.push({ text: statement.text, start: statement.start });
    renames.push(...renamesSaidIn(script, end, statement));
    end = statement.end;
  }
  if (opened) {
    const why = "the transaction that begins here is not committed by the end of the file: psql would roll it back";
    throw scriptError(script, opened.start, why, "add commit; to the end of the file");
  }
  refuseRenamesAfter(script, end);
  return { statements, renames };
}

/** The statement that began the transaction that is open after this one. */
function openTransaction(statement: ParsedStatement, opened: ParsedStatement | undefined): ParsedStatement | undefined {
  if (statement.node.type !== "TransactionStmt") return opened;
  const { kind, chain } = statement.node.fields;
  if (kind === "TRANS_STMT_BEGIN" || kind === "TRANS_STMT_START") return opened ?? statement;
  const ends = kind === "TRANS_STMT_COMMIT" || kind === "TRANS_STMT_ROLLBACK";
  return ends ? (chain === true ? (opened ?? statement) : undefined) : opened;
}

async function runStatement(session: Session, script: Script, statement: CheckedStatement): Promise<void> {
  try {
    await session.execute(statement.text, { deadlineMs: statementDeadlineMs });
  } catch (error) {
    if (!isToolError(error) || !statementCodes.has(error.code)) throw error;
    const { sqlstate, position: given } = error.details;
    const position = typeof given === "number" ? given : 0;
    const inside = position > 0 ? characterOffset(statement.text, position - 1) : 0;
    throw scriptError(script, statement.start + inside, error.why ?? error.what, adviceFor(error.why), { sqlstate });
  }
}

function adviceFor(why: string | undefined): string | undefined {
  if (why === undefined || !/: role "/.test(why)) return undefined;
  return "create the role on that server, or dump with --no-owner --no-privileges";
}

/**
 * Gives the session psql's settings for the length of `work`; whatever scripts set is gone afterwards. When `work` fails
 * the session is of no more use: a transaction may be open, and the database is about to be dropped.
 */
async function withOwnSettings<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const own = await session.query<{ name: string; setting: string }>(
    `select s.name, pg_catalog.current_setting(s.name) as setting
from pg_catalog.pg_settings as s
where s.source = 'session' and s.context in ('user', 'superuser')
order by s.name`,
  );
  // Many small commits on a database that will be dropped: none of them needs to be on disk.
  await setAll(session, [
    { name: "search_path", setting: "public" },
    { name: "synchronous_commit", setting: "off" },
  ]);
  const result = await work();
  await session.execute("set session authorization default");
  await session.execute("reset all");
  await setAll(session, own);
  return result;
}

async function setAll(
  session: Session,
  settings: readonly { readonly name: string; readonly setting: string }[],
): Promise<void> {
  for (const { name, setting } of settings) {
    await session.rows("select pg_catalog.set_config($1, $2, false)", [name, setting]);
  }
}
