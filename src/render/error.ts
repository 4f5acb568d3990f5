/** Errors as four lines: what failed and on what, the cause, the state of the database now, the next command. */
import { type ErrorCode, type ExitCode, exitCode, exitCodeOf, isToolError } from "../base/errors.ts";
import { block, type Line } from "./line.ts";

/** An error as it is shown and as `--json` prints it. */
export interface ShownError {
  readonly code: ErrorCode;
  readonly what: string;
  readonly why: string | null;
  readonly state: string | null;
  readonly next: string | null;
  readonly exitCode: ExitCode;
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

/** A thrown value as it is shown. What is no operational error is a bug of the tool and says so. */
export function shownError(error: unknown): ShownError {
  if (isToolError(error)) {
    const details = Object.entries(error.details).filter(
      (entry): entry is [string, string | number | boolean | null] => entry[1] !== undefined,
    );
    return {
      code: error.code,
      what: error.what,
      why: error.why ?? null,
      state: error.state ?? null,
      next: error.next ?? null,
      exitCode: exitCodeOf(error.code),
      ...(details.length > 0 ? { details: Object.fromEntries(details) } : {}),
    };
  }
  return {
    code: "unexpected",
    what: "something went wrong that zanith did not expect",
    why: error instanceof Error ? (error.stack ?? error.message) : String(error),
    state: "unknown; zanith migrate status tells what is recorded",
    next: "please report this with the lines above",
    exitCode: exitCode.unexpected,
  };
}

/** The four lines; those an error does not have are left out. */
export function renderError({ what, why, state, next }: Omit<ShownError, "exitCode" | "code">): Line[] {
  return [
    ...block(what, "bad"),
    ...(why === null ? [] : block(why, "plain", 2)),
    ...(state === null ? [] : block(state, "dim", 2)),
    ...(next === null ? [] : block(next, "accent", 2)),
  ];
}
