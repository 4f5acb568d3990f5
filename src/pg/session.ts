/**
 * A session with one Postgres backend, free of driver types: statements in, text out, transactions whose outcome is
 * never guessed. A session whose backend is gone answers every call with connection_lost; it never reconnects.
 */
import { assert } from "../base/assert.ts";
import { isToolError, type ToolError, toolError } from "../base/errors.ts";
import type { ConnectionSettings } from "../config/connection.ts";
import { type Backend, type ExchangeOptions, isCancelledCall, isLoss } from "./backend.ts";
import type { DriverResult } from "./driver.ts";
import {
  commitInDoubt,
  connectError,
  connectionLost,
  messageDetails,
  messageText,
  placeText,
  type ServerMessage,
  serverMessage,
  stateAfterFailure,
  statementError,
  statementLabel,
} from "./errors.ts";
import { openBackend } from "./open-backend.ts";
import { defaultIdleInTransactionMs, type Opening, requireKnownServer, type ServerInfo, setConfig } from "./server.ts";
import { type SqlValue, sqlText } from "./sql-value.ts";

export type { ServerMessage as Notice } from "./errors.ts";
export type { ServerInfo } from "./server.ts";
export type { SqlValue } from "./sql-value.ts";

/** A row in the order of its columns; every value is the server's text, or null. */
export type TextRow = readonly (string | null)[];

export interface CallOptions {
  /**
   * Give up when no answer came within this time: the server is asked to cancel, the session is over, and the call
   * rejects with connection_lost. Set it above statement_timeout, which is the server's own limit.
   */
  readonly deadlineMs?: number;
}

export interface ExecuteOptions extends CallOptions {
  readonly parameters?: readonly SqlValue[];
}

export interface TransactionOptions {
  readonly isolation?: "read committed" | "repeatable read" | "serializable";
  readonly readOnly?: boolean;
  /** Settings for this transaction only, e.g. `{ lock_timeout: "3s" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How long COMMIT may take before its outcome is given up as commit_in_doubt; defaultCommitDeadlineMs without it. */
  readonly commitDeadlineMs?: number;
}

export interface ExecuteResult {
  /** The command tag without counts, e.g. "CREATE INDEX"; empty for an empty statement. */
  readonly command: string;
  /** Rows affected, 0 where the command does not say. */
  readonly count: number;
}

export interface Session {
  readonly pid: number;
  /** When the backend started, the server's text in UTC; with pid it identifies the backend. */
  readonly backendStart: string;
  readonly server: ServerInfo;
  readonly alive: boolean;
  /** All rows of one statement. @throws ToolError statement_failed and its kin, connection_lost */
  rows(text: string, parameters?: readonly SqlValue[], options?: CallOptions): Promise<readonly TextRow[]>;
  /** All rows as objects without a prototype: any column name is only a key. The last of equal names wins. */
  query<R extends Record<string, string | null>>(
    text: string,
    parameters?: readonly SqlValue[],
    options?: CallOptions,
  ): Promise<readonly R[]>;
  /** Runs exactly one statement; the server refuses a text of several (42601). */
  execute(text: string, options?: ExecuteOptions): Promise<ExecuteResult>;
  /**
   * Runs `body` in a transaction and commits it, or rolls it back when the body throws. While it is open only `tx` may
   * be used. Transactions do not nest.
   * @throws ToolError commit_in_doubt when COMMIT was sent and its answer never came; statement_failed when the server
   * rolled back because the body swallowed the failure of a statement; what the body threw
   */
  transaction<T>(options: TransactionOptions, body: (tx: Session) => Promise<T>): Promise<T>;
  /** Calls the listener for every NOTICE and WARNING; returns how to stop it. Nothing is printed without a listener. */
  onNotice(listener: (notice: ServerMessage) => void): () => void;
  /** Calls the listener once: with connection_lost when the backend went away, without when the session was closed. */
  onClosed(listener: (reason: ToolError | undefined) => void): () => void;
  /** Asks the server to cancel the running statement, which then rejects with `interrupted`. Safe when nothing runs. */
  cancel(): Promise<void>;
  /** Gives the connection up at once: whatever waits for an answer fails with connection_lost, or commit_in_doubt. */
  giveUp(why: string): void;
  /** Ends the session; resolves when it is closed. Never throws. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Shown in pg_stat_activity and to whom we block, unless the user stated a name of their own. */
  readonly applicationName: string;
  /** The server's limit per statement; without it the role's own setting stays. */
  readonly statementTimeoutMs?: number;
  /** After this time the server ends a session whose transaction is open and idle. */
  readonly idleInTransactionTimeoutMs?: number;
  readonly onNotice?: (notice: ServerMessage) => void;
  /** Puts DETAIL and CONTEXT of server errors, which hold values of rows, into the details of errors. */
  readonly errorValues?: boolean;
}

/** Long enough for a slow synchronous standby, short enough that nobody watches a dead connection for ever. */
export const defaultCommitDeadlineMs = 120_000;

/** How long resetting a pooled connection may take before it is simply closed. */
const resetLimitMs = 5_000;

/** Most parameters of one statement (a 16-bit count in the protocol's Bind message; the driver stops here). */
const maxParameters = 65_533;

/**
 * Opens a session: one connection, pinned to one backend, with the tool's session settings applied.
 * @throws ToolError unreachable, tls_failed, authentication_failed, database_missing, server_unsupported, read_only,
 * pooler_unsupported (a pooler in transaction mode, whatever the session is for)
 */
export async function connect(settings: ConnectionSettings, options: ConnectOptions): Promise<Session> {
  const { backend, opening } = await openBackend(settings, {
    applicationName: options.applicationName,
    statementTimeoutMs: options.statementTimeoutMs,
    idleInTransactionTimeoutMs: options.idleInTransactionTimeoutMs ?? defaultIdleInTransactionMs,
    onNotice: options.onNotice,
  });
  try {
    requireKnownServer(opening.server);
  } catch (error) {
    await backend.close();
    throw error;
  }
  return new BackendSession(backend, opening, options.errorValues ?? false, undefined);
}

/** The transaction a session object belongs to; undefined for the session itself. */
interface Scope {
  open: boolean;
  firstFailure: ToolError | undefined;
}

class BackendSession implements Session {
  readonly pid: number;
  readonly backendStart: string;
  readonly server: ServerInfo;
  readonly #backend: Backend;
  readonly #opening: Opening;
  readonly #errorValues: boolean;
  readonly #scope: Scope | undefined;
  #inTransaction = false;

  constructor(backend: Backend, opening: Opening, errorValues: boolean, scope: Scope | undefined) {
    this.pid = opening.pid;
    this.backendStart = opening.backendStart;
    this.server = opening.server;
    this.#backend = backend;
    this.#opening = opening;
    this.#errorValues = errorValues;
    this.#scope = scope;
  }

  get alive(): boolean {
    return this.#backend.alive;
  }

  async rows(text: string, parameters: readonly SqlValue[] = [], options?: CallOptions): Promise<readonly TextRow[]> {
    return (await this.#send(text, parameters, options)).rows;
  }

  async query<R extends Record<string, string | null>>(
    text: string,
    parameters: readonly SqlValue[] = [],
    options?: CallOptions,
  ): Promise<readonly R[]> {
    const { rows, columns } = await this.#send(text, parameters, options);
    return rows.map((row) => {
      // Without a prototype there is no accessor for __proto__, so assigning it makes an own property.
      const record: Record<string, string | null> = Object.create(null);
      for (let index = 0; index < columns.length; index++) record[columns[index] as string] = row[index] ?? null;
      return record as R;
    });
  }

  async execute(text: string, options?: ExecuteOptions): Promise<ExecuteResult> {
    const { command, count } = await this.#send(text, options?.parameters ?? [], options);
    return { command, count };
  }

  async transaction<T>(options: TransactionOptions, body: (tx: Session) => Promise<T>): Promise<T> {
    assert(this.#scope === undefined && !this.#inTransaction, "a transaction is already open on this session");
    this.#inTransaction = true;
    try {
      return await this.#runTransaction(options, body);
    } finally {
      this.#inTransaction = false;
    }
  }

  onNotice(listener: (notice: ServerMessage) => void): () => void {
    return this.#backend.onNotice(listener);
  }

  onClosed(listener: (reason: ToolError | undefined) => void): () => void {
    return this.#backend.onClosed((loss) =>
      listener(loss && connectionLost(this.#backend.place, loss.why, loss.message)),
    );
  }

  async cancel(): Promise<void> {
    try {
      await this.#backend.cancel();
    } catch (error) {
      throw connectError(error, this.#backend.place, true) ?? error;
    }
  }

  giveUp(why: string): void {
    this.#backend.abandon(why);
  }

  async close(): Promise<void> {
    assert(this.#scope === undefined, "a transaction does not end by closing its session");
    // The pooled connection goes on to others, and not every pooler resets it.
    if (this.server.behindPooler && this.alive && !this.#inTransaction) {
      await this.#backend.exchange("discard all", [], { deadlineMs: resetLimitMs }).catch(() => {});
    }
    await this.#backend.close();
  }

  async #runTransaction<T>(options: TransactionOptions, body: (tx: Session) => Promise<T>): Promise<T> {
    const scope: Scope = { open: true, firstFailure: undefined };
    const tx = new BackendSession(this.#backend, this.#opening, this.#errorValues, scope);
    let result: T;
    try {
      await this.#begin(options);
      result = await body(tx);
    } catch (error) {
      scope.open = false;
      await this.#rollBack();
      throw error;
    }
    scope.open = false;
    await this.#commit(scope, options.commitDeadlineMs ?? defaultCommitDeadlineMs);
    return result;
  }

  /** BEGIN and the transaction's settings travel together: one round trip. */
  async #begin(options: TransactionOptions): Promise<void> {
    const mode = options.readOnly === undefined ? "" : options.readOnly ? " read only" : " read write";
    const begin = `begin isolation level ${options.isolation ?? "read committed"}${mode}`;
    const settings = Object.entries(options.settings ?? {}).map(([name, value]) => setConfig(name, value, true));
    const [begun, configured] = await Promise.allSettled([
      this.#exchange(begin, []),
      this.#exchange(`select ${["pg_catalog.pg_backend_pid()", ...settings].join(", ")}`, []),
    ]);
    if (begun.status === "rejected") throw begun.reason;
    if (configured.status === "rejected") throw configured.reason;
    const pid = configured.value.rows[0]?.[0];
    if (pid === String(this.pid)) return;
    // Only a pooler in transaction mode can do this; locks and settings of the session are not behind us any more.
    const why = `another backend answers (process ${pid} instead of ${this.pid}): a pooler in transaction mode`;
    this.#backend.abandon(why);
    throw connectionLost(this.#backend.place, why, undefined);
  }

  async #rollBack(): Promise<void> {
    if (!this.#backend.alive) return;
    try {
      await this.#exchange("rollback", [], { deadlineMs: defaultCommitDeadlineMs });
    } catch {
      // The caller reports what made us roll back. A backend that cannot even do this must not be used again.
      this.#backend.abandon("a transaction could not be rolled back");
    }
  }

  async #commit(scope: Scope, deadlineMs: number): Promise<void> {
    const place = this.#backend.place;
    if (!this.#backend.alive) throw connectionLost(place, "the connection ended before COMMIT was sent", undefined);
    let command: string;
    try {
      ({ command } = await this.#backend.exchange("commit", [], { deadlineMs }));
    } catch (error) {
      if (isLoss(error)) throw commitInDoubt(place, error.why, error.message);
      throw this.#toolError(error, "commit");
    }
    if (command === "COMMIT") return;
    // COMMIT of a failed transaction answers with the tag ROLLBACK and no error.
    const cause = scope.firstFailure;
    throw toolError({
      code: cause?.code ?? "statement_failed",
      what: `a transaction in ${placeText(place)} was rolled back instead of committed`,
      why: cause ? `an earlier statement in it failed: ${cause.why ?? cause.what}` : `the server answered ${command}`,
      state: "the transaction changed nothing",
      details: cause?.details,
      cause,
    });
  }

  async #send(text: string, parameters: readonly SqlValue[], options: CallOptions = {}): Promise<DriverResult> {
    const scope = this.#scope;
    assert(scope ? scope.open : !this.#inTransaction, "only the open transaction's own session may be used");
    try {
      return await this.#exchange(text, parameters, { ...options, cancelAtDeadline: true });
    } catch (error) {
      if (scope && isToolError(error)) scope.firstFailure ??= error;
      throw error;
    }
  }

  async #exchange(text: string, parameters: readonly SqlValue[], options: ExchangeOptions = {}): Promise<DriverResult> {
    if (text.includes("\0") || !text.isWellFormed())
      throw unsendable("it holds a NUL character or half a surrogate pair");
    if (parameters.length > maxParameters) throw unsendable(`it has more than ${maxParameters} parameters`);
    const texts = parameters.map(sqlText);
    try {
      return await this.#backend.exchange(text, texts, options);
    } catch (error) {
      throw this.#toolError(error, text);
    }
  }

  /** The tool's error for what an exchange rejected with; a bug stays what it is. */
  #toolError(error: unknown, text: string): unknown {
    const place = this.#backend.place;
    if (isLoss(error)) return connectionLost(place, error.why, error.message);
    if (isCancelledCall(error)) {
      return toolError({
        code: "interrupted",
        what: `\`${statementLabel(text)}\` in ${placeText(place)} was cancelled`,
        why: messageText(error.message),
        state: stateAfterFailure(text),
        details: messageDetails(error.message, false),
      });
    }
    const message = serverMessage(error);
    if (!message) return error;
    return statementError(message, text, place, this.#errorValues);
  }
}

function unsendable(why: string): ToolError {
  return toolError({
    code: "sql_invalid",
    what: "a statement cannot be sent to Postgres",
    why,
    state: "nothing was sent",
  });
}

/** Whether a whole transaction may be tried again after this error: lock timeout, deadlock, serialization failure. */
export function isRetryable(error: ToolError): boolean {
  const sqlstate = error.details["sqlstate"];
  return error.code === "lock_timeout" || error.code === "deadlock" || sqlstate === "40001";
}
