/**
 * Turns what the driver and the socket throw into the tool's errors, by code and never by class name. The only place
 * that decides which fields of a server error leave pg/: DETAIL and CONTEXT hold row values and do so only on request.
 */
import { type ErrorCode, type ErrorDetails, type ToolError, toolError } from "../base/errors.ts";
import type { HostSettings } from "../config/connection.ts";
import { isSocketFailure, type SocketFailure } from "./socket.ts";

/** The fields of an ErrorResponse or NoticeResponse (PostgreSQL protocol, "Error and Notice Message Fields"). */
export interface ServerMessage {
  readonly severity: string;
  readonly sqlstate: string;
  readonly message: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly context: string | undefined;
  readonly schema: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly dataType: string | undefined;
  readonly constraint: string | undefined;
  /** 1-based, in characters of the statement's text. */
  readonly position: number | undefined;
}

/** Where a connection leads, for messages: safe parts of the settings only. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** `database shop on db1:5432`, or with the directory of a Unix socket. */
export function placeText(place: Place): string {
  const host = place.host.includes(":") ? `[${place.host}]` : place.host;
  return `database ${place.database} on ${host}:${place.port}`;
}

/** The place of one host of the settings. */
export function placeOf(host: HostSettings, database: string, user: string): Place {
  return { host: host.host, port: host.port, database, user };
}

/** The fields of a server message as the driver hands it over, or undefined for anything else. */
export function serverMessage(value: unknown): ServerMessage | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : undefined);
  const severity = text("severity");
  const sqlstate = text("code");
  if (severity === undefined || sqlstate === undefined || !/^[0-9A-Z]{5}$/.test(sqlstate)) return undefined;
  const position = Number(text("position"));
  return {
    severity,
    sqlstate,
    message: text("message") ?? "",
    detail: text("detail"),
    hint: text("hint"),
    context: text("where"),
    schema: text("schema_name"),
    table: text("table_name"),
    column: text("column_name"),
    dataType: text("data type_name"),
    constraint: text("constraint_name"),
    position: Number.isInteger(position) && position > 0 ? position : undefined,
  };
}

/** The last FATAL or PANIC message in bytes from the server: why it is about to close the connection. */
export function fatalMessage(bytes: Uint8Array | undefined): ServerMessage | undefined {
  if (!bytes) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Field V carries the severity untranslated since 9.6.
  const at = Math.max(text.lastIndexOf("VFATAL\0"), text.lastIndexOf("VPANIC\0"));
  if (at < 0) return undefined;
  const fields = new Map<string, string>();
  for (const field of text.toString("utf8", at).split("\0")) {
    if (field === "") break;
    fields.set(field[0] ?? "", field.slice(1));
  }
  return serverMessage({
    severity: fields.get("V"),
    code: fields.get("C"),
    message: fields.get("M"),
    hint: fields.get("H"),
  });
}

/** Which error code a SQLSTATE means once a session is established. */
export function codeOfSqlstate(sqlstate: string): ErrorCode {
  const exact: Readonly<Partial<Record<string, ErrorCode>>> = {
    "55P03": "lock_timeout",
    "40P01": "deadlock",
    "57014": "statement_timeout",
    "42501": "permission_denied",
    "25006": "read_only",
    "57P01": "connection_lost",
    "57P02": "connection_lost",
    "57P03": "connection_lost",
    "57P04": "connection_lost",
    "57P05": "connection_lost",
    "25P03": "connection_lost",
    "25P04": "connection_lost",
  };
  return exact[sqlstate] ?? (sqlstate.startsWith("08") ? "connection_lost" : "statement_failed");
}

/** Which error code a SQLSTATE means while connecting. */
function codeWhileConnecting(sqlstate: string): ErrorCode {
  if (sqlstate.startsWith("28")) return "authentication_failed";
  if (sqlstate === "3D000") return "database_missing";
  if (sqlstate === "42501") return "permission_denied";
  return "unreachable";
}

/** JSON-safe details of a server message. `withValues` adds DETAIL and CONTEXT, which hold values of rows. */
export function messageDetails(message: ServerMessage, withValues: boolean): ErrorDetails {
  return {
    sqlstate: message.sqlstate,
    message: message.message,
    hint: message.hint,
    schema: message.schema,
    table: message.table,
    column: message.column,
    constraint: message.constraint,
    position: message.position,
    ...(withValues ? { detail: message.detail, context: message.context } : {}),
  };
}

/** The cause in Postgres's own words. */
export function messageText(message: ServerMessage): string {
  const hint = message.hint === undefined ? "" : ` (hint: ${message.hint})`;
  return `${message.severity} ${message.sqlstate}: ${message.message}${hint}`;
}

/** What is said about a statement: its command words, never its values or names. */
export function statementLabel(text: string): string {
  const words = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*([a-z]+)(?:\s+([a-z]+))?/i.exec(text.slice(0, 2000));
  const verb = words?.[1]?.toLowerCase();
  if (verb === undefined) return "statement";
  const object = /^(create|alter|drop|reindex|refresh|lock)$/.test(verb) ? words?.[2]?.toLowerCase() : undefined;
  return object === undefined ? verb : `${verb} ${object}`;
}

/** The error of a statement that the server refused. */
export function statementError(message: ServerMessage, text: string, place: Place, withValues: boolean): ToolError {
  const code = codeOfSqlstate(message.sqlstate);
  return toolError({
    code,
    what: `\`${statementLabel(text)}\` failed in ${placeText(place)}`,
    why: messageText(message),
    state: code === "connection_lost" ? lostState : stateAfterFailure(text),
    details: messageDetails(message, withValues),
  });
}

/** What a failed statement has left behind; some commit on their own before they fail. */
export function stateAfterFailure(text: string): string {
  if (/\bconcurrently\b/i.test(text)) return "what was built so far is left behind, not valid";
  if (/^(call|do|vacuum|cluster|reindex)\b/.test(statementLabel(text))) return "parts that it committed itself remain";
  return "the statement changed nothing";
}

const lostState = "the server has ended or will end this session; its open transaction, if any, is rolled back";

/** The error of every call on a session whose connection is gone. */
export function connectionLost(place: Place, why: string, message: ServerMessage | undefined): ToolError {
  return toolError({
    code: "connection_lost",
    what: `the connection to ${placeText(place)} was lost`,
    why: message ? messageText(message) : why,
    state: lostState,
    next: "run the same command again",
    details: message ? messageDetails(message, false) : {},
  });
}

/** The error of a COMMIT whose answer never came: the transaction may or may not be in the database. */
export function commitInDoubt(place: Place, why: string, message: ServerMessage | undefined): ToolError {
  return toolError({
    code: "commit_in_doubt",
    what: `whether a transaction in ${placeText(place)} was committed is not known`,
    why: message ? messageText(message) : why,
    state: "either the whole transaction is in the database or none of it",
    next: "run the same command again: it looks at the database first",
    details: message ? messageDetails(message, false) : {},
  });
}

/**
 * The error of an attempt to connect; undefined for what neither server, network nor driver can throw, which is a bug.
 * `passwordKnown` tells a wrong password from a missing one.
 */
export function connectError(thrown: unknown, place: Place, passwordKnown: boolean): ToolError | undefined {
  if (isSocketFailure(thrown)) return socketError(thrown, place);
  const message = serverMessage(thrown);
  if (!message) return isDriverError(thrown) ? protocolError(thrown, place) : undefined;
  const code = codeWhileConnecting(message.sqlstate);
  const missing = message.sqlstate === "28P01" && !passwordKnown;
  return toolError({
    code,
    what: `cannot connect to ${placeText(place)} as ${place.user}`,
    why: missing ? `the server asks for a password and none was given (${messageText(message)})` : messageText(message),
    state: "nothing was changed",
    next: connectAdvice(code, message.sqlstate, place),
    details: messageDetails(message, false),
  });
}

function connectAdvice(code: ErrorCode, sqlstate: string, place: Place): string {
  if (code === "authentication_failed") return "check user and password (URL, PGPASSWORD or ~/.pgpass) and pg_hba.conf";
  if (code === "database_missing")
    return `create the database, or name another one: createdb -h ${place.host} -p ${place.port} …`;
  if (sqlstate === "53300") return "free a connection slot, then run the command again";
  return "run the command again when the server accepts connections";
}

function socketError(failure: SocketFailure, place: Place): ToolError {
  const target = place.host.startsWith("/") ? `${place.host}/.s.PGSQL.${place.port}` : `${place.host}:${place.port}`;
  if (failure.socketFailure === "tls") {
    return toolError({
      code: "tls_failed",
      what: `no trusted TLS connection to ${target}`,
      why: failure.message,
      state: "no credential was sent and nothing was changed",
      next: "check sslmode and sslrootcert (PGSSLMODE, PGSSLROOTCERT) against the server's certificate",
      details: { errorCode: failure.code },
    });
  }
  return toolError({
    code: "unreachable",
    what: `cannot connect to ${placeText(place)} as ${place.user}`,
    why: failure.message,
    state: "nothing was changed",
    next: `check that a Postgres server answers at ${target}`,
    details: { errorCode: failure.code },
  });
}

/** An error of the postgres package itself; each has a code. */
export interface DriverError {
  readonly code: string;
  readonly message: string;
}

/** Recognises an error of the postgres package that is not a server's message. */
export function isDriverError(thrown: unknown): thrown is DriverError {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string";
}

const authenticationCodes = ["SASL_SIGNATURE_MISMATCH", "AUTHENTICATION_UNSUPPORTED"];

function protocolError(error: DriverError, place: Place): ToolError {
  return toolError({
    code: authenticationCodes.includes(error.code) ? "authentication_failed" : "unreachable",
    what: `cannot connect to ${placeText(place)} as ${place.user}`,
    why:
      error.code === "CONNECT_TIMEOUT"
        ? "the server accepted the connection but did not answer in time"
        : error.message,
    state: "nothing was changed",
    next: `check that a Postgres server answers at ${place.host}:${place.port}`,
    details: { errorCode: error.code },
  });
}
