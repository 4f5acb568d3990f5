/**
 * SQL scripts as psql would read them: cut into statements by Postgres's own grammar, with errors that name file, line
 * and column. Runs nothing, and knows nothing of what a statement is allowed to do.
 */

import { type ErrorDetails, type ToolError, toolError } from "../base/errors.ts";
import { firstLine } from "../base/text.ts";
import { withoutSecrets, withoutSecretsOf } from "../sql/secrets.ts";
import { placeAt } from "./place.ts";
import { type ParsedStatement, type ParseResult, parseSql } from "./postgres-parser.ts";

/** A script and the name it goes by in messages. */
export interface Script {
  readonly file: string;
  readonly text: string;
}

/** The tree of a statement takes some fifty times its text, so a long script is parsed in pieces of this many characters. */
const pieceLength = 262_144;

/** Longest part of a message of the parser that is shown. */
const maxMessageLength = 300;

/** How many candidates for a `copy … from stdin` are looked at to explain a syntax error. */
const maxCopyCandidates = 20;

/**
 * The statements of a script, piece by piece: nobody needs the trees of a whole one at once. `\restrict` and `\unrestrict`, which pg_dump writes, are skipped: they switch off the
 * meta-commands of psql, and no meta-command is followed here anyway.
 * @throws ToolError sql_invalid with Postgres's words and the place
 */
export async function* parseScript(script: Script): AsyncGenerator<ParsedStatement, void, undefined> {
  const nul = script.text.indexOf("\0");
  if (nul >= 0) throw scriptError(script, nul, "it holds a NUL character");
  const text = script.text.replace(/^\ufeff/, " ");
  let rest = text;
  let done = 0;
  let length = pieceLength;
  while (done < text.length) {
    const piece = firstPiece(rest, length);
    const result = await parseSql(piece);
    if (!result.ok) {
      const skipped = skipRestriction(piece, result.offset);
      if (skipped !== undefined) {
        rest = skipped + rest.slice(piece.length);
        continue;
      }
      // The piece may end inside a quoted text or a function body that goes on after it.
      if (piece.length < rest.length && isCutOff(result, piece)) {
        length *= 2;
        continue;
      }
      throw await syntaxError(script, piece, done, result);
    }
    for (const statement of result.statements) {
      yield { ...statement, start: statement.start + done, end: statement.end + done };
    }
    done += piece.length;
    rest = rest.slice(piece.length);
    length = pieceLength;
  }
}

/** An error at a place of a script: `schema.sql:12:5`, the reason, and the line it is about. */
export function scriptError(
  script: Script,
  offset: number,
  why: string,
  next?: string,
  details: ErrorDetails = {},
): ToolError {
  const { line, column, text } = placeAt(script.text, offset);
  const shown = firstLine(withoutSecretsOf(script.text, withoutSecrets(text)));
  return toolError({
    code: "sql_invalid",
    what: `${script.file}:${line}:${column} cannot be loaded${shown === "" ? "" : `: ${shown}`}`,
    why: withoutSecretsOf(script.text, why),
    state: "nothing was changed",
    next: next ?? `correct line ${line} of ${script.file}`,
    details: { file: script.file, line, column, text: shown, ...details },
  });
}

/** The text up to the first line that ends in a semicolon after `length` characters. */
function firstPiece(text: string, length: number): string {
  const border = /;\r?\n/g;
  border.lastIndex = length;
  return length < text.length && border.test(text) ? text.slice(0, border.lastIndex) : text;
}

/** The text with a line of `\restrict` or `\unrestrict` at the offset blanked out, if there is one. */
function skipRestriction(text: string, offset: number): string | undefined {
  const found = /^\\(?:un)?restrict\b[^\n]*/.exec(text.slice(offset, offset + 500));
  if (found === null) return undefined;
  return text.slice(0, offset) + " ".repeat(found[0].length) + text.slice(offset + found[0].length);
}

function isCutOff(failure: { readonly message: string; readonly offset: number }, piece: string): boolean {
  return (
    /^unterminated |at end of input$/.test(failure.message) ||
    failure.offset >= piece.trimEnd().replace(/;$/, "").length
  );
}

async function syntaxError(
  script: Script,
  piece: string,
  start: number,
  failure: { readonly message: string; readonly offset: number },
): Promise<ToolError> {
  const at = start + failure.offset;
  // The words end with the text at fault, which for an unclosed quote is the rest of the file.
  const { message } = failure;
  const words = `ERROR: ${message.length > maxMessageLength ? `${message.slice(0, maxMessageLength).toWellFormed()}…` : message}`;
  const copied = await findCopiedData(piece, failure.offset);
  if (copied !== undefined) {
    const why = "rows that follow COPY … FROM stdin are data, and a schema is loaded without data";
    return scriptError(script, start + copied, why, "dump the schema only: pg_dump --schema-only");
  }
  const character = script.text[at];
  const rest = script.text.slice(at, at + 100);
  if (character === "\\") {
    const command = /^\\\S*/.exec(rest)?.[0] ?? "\\";
    const why = `${command} is a command of psql, not of Postgres`;
    return scriptError(
      script,
      at,
      why,
      `remove line ${placeAt(script.text, at).line}, or put the SQL it stands for there`,
    );
  }
  if (/^:['"]?\w/.test(rest)) {
    return scriptError(script, at, words, "write the value out: variables of psql are not known here");
  }
  return scriptError(script, at, words);
}

/** Where a `copy … from stdin` stands whose rows the parser stumbled over, if that is what happened. */
async function findCopiedData(piece: string, failedAt: number): Promise<number | undefined> {
  const candidates = [...piece.slice(0, failedAt).matchAll(/^\s*copy\b[^;]*?\bfrom\s+stdin\b[^;]*;/gim)];
  for (const candidate of candidates.slice(0, maxCopyCandidates)) {
    const end = candidate.index + candidate[0].length;
    const result: ParseResult = await parseSql(piece.slice(0, end));
    const last = result.ok ? result.statements.at(-1) : undefined;
    if (last?.end === end - 1 && last.node.type === "CopyStmt") return last.start;
  }
  return undefined;
}
