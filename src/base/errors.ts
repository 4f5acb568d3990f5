/**
 * The one operational error of the tool and the table from its codes to exit codes. Negative answers
 * (drift, refused, nothing to do) are values and never pass through here; bugs are assertions.
 */

/** Exit codes of the command line, as documented. */
export const exitCode = {
  done: 0,
  unexpected: 1,
  difference: 2,
  refused: 3,
  stepFailed: 4,
  unreachable: 5,
  locked: 6,
  usage: 64,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

const exitCodeByErrorCode = {
  // the command line and its files
  usage: 64,
  config_invalid: 64,
  file_missing: 64,
  file_unreadable: 64,
  file_invalid: 64,
  file_exists: 64,
  format_newer: 64,
  format_invalid: 64,
  sql_invalid: 64,
  schema_module_failed: 64,
  name_unknown: 64,
  // reaching a server
  unreachable: 5,
  authentication_failed: 5,
  database_missing: 5,
  tls_failed: 5,
  connection_settings_invalid: 64,
  shadow_unreachable: 5,
  // a server that answers
  connection_lost: 4,
  commit_in_doubt: 4,
  statement_failed: 4,
  statement_timeout: 4,
  lock_timeout: 4,
  deadlock: 4,
  permission_denied: 4,
  read_only: 5,
  pooler_unsupported: 5,
  server_unsupported: 5,
  // a run
  locked: 6,
  step_failed: 4,
  ledger_mismatch: 3,
  archive_mismatch: 3,
  not_modelled: 3,
  interrupted: 130,
  not_supported: 1,
  unexpected: 1,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof exitCodeByErrorCode;

/** JSON-safe facts that accompany an error; never a secret, never row values unless asked for. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The four lines of a message: what failed and on what, the cause verbatim, the state now, the next command. */
export interface ToolErrorInput {
  readonly code: ErrorCode;
  readonly what: string;
  readonly why?: string | undefined;
  readonly state?: string | undefined;
  readonly next?: string | undefined;
  readonly details?: ErrorDetails | undefined;
  readonly cause?: unknown;
}

/** An operational error. Compare `code`, never the class name: minifying renames classes. */
export class ToolError extends Error {
  readonly code: ErrorCode;
  readonly what: string;
  readonly why: string | undefined;
  readonly state: string | undefined;
  readonly next: string | undefined;
  readonly details: ErrorDetails;

  constructor(input: ToolErrorInput) {
    super(input.what);
    if (input.cause !== undefined) Object.defineProperty(this, "cause", { value: input.cause, enumerable: false });
    this.code = input.code;
    this.what = input.what;
    this.why = input.why;
    this.state = input.state;
    this.next = input.next;
    this.details = input.details ?? {};
  }
}

/** Makes a ToolError; `throw toolError({...})` reads as a sentence. */
export function toolError(input: ToolErrorInput): ToolError {
  return new ToolError(input);
}

/** Whether a thrown value is an operational error, optionally of one code. */
export function isToolError(value: unknown, code?: ErrorCode): value is ToolError {
  return value instanceof ToolError && (code === undefined || value.code === code);
}

/** The same error with some of its lines replaced: used by callers that know the state or the next step better. */
export function withContext(error: ToolError, context: Partial<ToolErrorInput>): ToolError {
  return new ToolError({
    code: context.code ?? error.code,
    what: context.what ?? error.what,
    why: context.why ?? error.why,
    state: context.state ?? error.state,
    next: context.next ?? error.next,
    details: { ...error.details, ...context.details },
    cause: error,
  });
}

/** The process exit code for an error code. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return exitCodeByErrorCode[code];
}
