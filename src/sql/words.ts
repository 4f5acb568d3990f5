/**
 * The words of a SQL statement outside strings, quoted names and comments: enough to recognise a statement by its key words.
 * No parser: what a statement means is Postgres's to say.
 */

/** A key word or bare name in lower case, a sign such as `;` or `(`, or a stand-in for a text: `"` a name, `'` a string. */
export type Word = string;

// The lexical rules of Postgres (scan.l): comments nest, E'' strings know backslashes, $tag$ strings end at their tag.
const bareWord = /[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*/iy;
const dollarTag = /\$(?:[a-z_\u0080-\uffff][a-z0-9_\u0080-\uffff]*)?\$/iy;
const number = /[0-9][0-9a-z_.]*/iy;

/** A word and where it stands in the text; `body` is what is inside the quotes of a string. */
export interface Token {
  readonly word: Word;
  readonly start: number;
  readonly end: number;
  readonly body?: { readonly start: number; readonly end: number };
}

/** The words of a statement in order, at most `limit` of them. An unfinished string or comment ends the list. */
export function wordsOf(sql: string, limit = Number.POSITIVE_INFINITY): Word[] {
  return tokensOf(sql, limit).map(({ word }) => word);
}

/** The words of a statement with their places, at most `limit` of them. */
export function tokensOf(sql: string, limit = Number.POSITIVE_INFINITY): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length && tokens.length < limit) {
    const character = sql[at] as string;
    const start = at;
    if (/\s/.test(character)) at++;
    else if (sql.startsWith("--", at)) at = endOfLine(sql, at);
    else if (sql.startsWith("/*", at)) at = endOfComment(sql, at);
    else if (character === '"' || character === "'") {
      const escapes = character === "'" && tokens.at(-1)?.word === "e" && /e/i.test(sql[at - 1] ?? "");
      if (escapes) tokens.pop();
      at = endOfQuoted(sql, at, character, escapes);
      tokens.push({ word: character, start, end: at, body: { start: start + 1, end: Math.max(start + 1, at - 1) } });
    } else {
      const tag = matchAt(dollarTag, sql, at);
      const token = tag ?? matchAt(bareWord, sql, at) ?? matchAt(number, sql, at) ?? character;
      at += token.length;
      if (tag !== undefined) {
        const end = sql.indexOf(tag, at);
        const body = { start: at, end: end < 0 ? sql.length : end };
        at = end < 0 ? sql.length : end + tag.length;
        tokens.push({ word: "'", start, end: at, body });
      } else tokens.push({ word: token.toLowerCase(), start, end: at });
    }
  }
  return tokens;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function endOfLine(sql: string, at: number): number {
  const end = sql.slice(at).search(/[\n\r]/);
  return end < 0 ? sql.length : at + end;
}

function endOfComment(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; ) {
    if (sql.startsWith("/*", at)) {
      depth++;
      at += 2;
    } else if (sql.startsWith("*/", at)) {
      depth--;
      at += 2;
      if (depth === 0) return at;
    } else at++;
  }
  return sql.length;
}

function endOfQuoted(sql: string, start: number, quote: string, escapes: boolean): number {
  for (let at = start + 1; at < sql.length; at++) {
    if (escapes && sql[at] === "\\") at++;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return sql.length;
}

/** Statements that begin or end a transaction. */
const transactionControl = new Set(["abort", "begin", "commit", "end", "release", "rollback", "savepoint"]);

/** Whether a statement would begin or end a transaction of its own accord. */
export function controlsTransaction(words: readonly Word[]): boolean {
  const [first = "", second = ""] = words;
  return transactionControl.has(first) || ((first === "start" || first === "prepare") && second === "transaction");
}

/**
 * Whether a text holds one statement: no semicolon but at its end, in parentheses (CREATE RULE) or in the body of a
 * function (BEGIN ATOMIC … END, since 14).
 */
export function isOneStatement(words: readonly Word[]): boolean {
  let depth = 0;
  let blocks = 0;
  let last = words.length - 1;
  while (words[last] === ";") last--;
  for (let at = 0; at <= last; at++) {
    const word = words[at];
    if (word === "(") depth++;
    else if (word === ")") depth--;
    else if ((word === "begin" && words[at + 1] === "atomic") || (word === "case" && blocks > 0)) blocks++;
    else if (word === "end" && blocks > 0) blocks--;
    else if (word === ";" && depth === 0 && blocks === 0) return false;
  }
  return true;
}

const never = new Set([
  "create database",
  "drop database",
  "create tablespace",
  "drop tablespace",
  "create subscription",
  "drop subscription",
  "alter subscription",
  "alter system",
  "alter database",
  "commit prepared",
  "rollback prepared",
  "discard all",
]);

/**
 * Whether Postgres may refuse a statement inside a transaction (PreventInTransactionBlock in 14 to 18). Rather one too many:
 * what is run alone without need only loses the company of its audit row.
 */
export function runsAlone(words: readonly Word[]): boolean {
  const [first = "", second = ""] = words;
  if (first === "vacuum" || first === "cluster") return true;
  if (never.has(`${first} ${second}`)) return true;
  const concurrently = words.includes("concurrently");
  if (first === "reindex") return concurrently || ["database", "schema", "system"].some((what) => words.includes(what));
  if (first === "create" || first === "drop") return concurrently && words.includes("index");
  return first === "alter" && concurrently && words.includes("detach");
}
