/**
 * Finds what may be a secret in SQL that a person wrote: passwords of roles, options of user mappings and servers, connection
 * strings. What is run keeps them; what is shown, logged or recorded goes through here. Knows words, not grammar: rather one
 * text masked too many, but only in statements that can hold a secret, so that other SQL reads as it is.
 */
import { type Token, tokensOf } from "./words.ts";

/** What stands in place of a secret, as in `config/redact.ts`. */
const mask = "****";

/** Shorter texts are not looked for in messages: they would mask parts of words. */
const leastInMessage = 3;

/** Blocks within blocks are looked into no deeper than this; what is deeper is masked whole where it speaks of a password. */
const maxDepth = 4;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A statement that can hold a secret, by its first words. */
type Holder = "role" | "options" | "mapping" | "connection" | "block" | "call";

const holders: readonly (readonly [RegExp, Holder])[] = [
  [/^(?:create|alter) user mapping\b/, "mapping"],
  [/^(?:create|alter) (?:role|user|group)\b/, "role"],
  [/^(?:create|alter) (?:server|foreign)\b/, "options"],
  [/^(?:create|alter) subscription\b/, "connection"],
  [/^do\b/, "block"],
  [/^(?:select|call|with|alter system|alter database)\b/, "call"],
];

// The names that the catalog queries keep back, too.
const secretName = /(?:pass|pwd|secret|token|credential|private_?key|access_?key|api_?key|ssl_?key|scram)\w*/i;
const plainName = /^(?:user|username|user_name|remote_user|password_required)$/i;
/** What a connection string looks like that has a password in it; the password is what is masked. */
const inConnection = /((?:password|pwd)\s*=\s*)(?:'[\s\S]*|[^\s'&]+)|(:\/\/[^/@\s:]*:)[^/@\s]*(?=@)/gi;

const worthALook = /pass|pwd|secret|token|credential|key|scram|user\s+mapping|:\/\//i;

/** The SQL with `****` for what may be a secret. Statements that hold none come back as they are. */
export function withoutSecrets(sql: string): string {
  if (!worthALook.test(sql)) return sql;
  let clean = "";
  let at = 0;
  for (const { start, end } of secretSpans(sql, 0)) {
    clean += sql.slice(at, start) + mask;
    at = end;
  }
  return clean + sql.slice(at);
}

/** A message about a statement, without the statement's secrets. */
export function withoutSecretsOf(sql: string, message: string): string {
  if (!worthALook.test(sql)) return message;
  return secretSpans(sql, 0)
    .map(({ start, end }) => sql.slice(start, end))
    .flatMap((text) => [text, text.replaceAll("''", "'")])
    .filter((text) => text.length >= leastInMessage)
    .sort((a, b) => b.length - a.length)
    .reduce((clean, text) => clean.replaceAll(text, mask), message);
}

function secretSpans(sql: string, depth: number): Span[] {
  const spans: Span[] = [];
  let statement: Token[] = [];
  const finish = (): void => {
    const holder = holderOf(statement);
    if (holder !== undefined) spans.push(...spansOf(sql, statement, holder, depth));
    statement = [];
  };
  for (const token of tokensOf(sql)) {
    if (token.word === ";") finish();
    else statement.push(token);
  }
  finish();
  return spans;
}

function holderOf(statement: readonly Token[]): Holder | undefined {
  const head = statement
    .slice(0, 3)
    .map(({ word }) => word)
    .join(" ");
  return holders.find(([pattern]) => pattern.test(head))?.[1];
}

function spansOf(sql: string, statement: readonly Token[], holder: Holder, depth: number): Span[] {
  return statement.flatMap((token, at): Span[] => {
    const before = statement[at - 1];
    const name = before === undefined ? "" : nameOf(sql, before);
    // The third word is the name of the role, whatever it is called.
    if (holder === "role") return at > 3 && before?.word === "password" ? ofRole(token) : [];
    if (token.word !== "'" || token.body === undefined) return [];
    if (holder === "block") return inBlock(sql, token.body, depth);
    const isWhole = holder === "mapping" ? !plainName.test(name) : holder === "options" && isSecretName(name);
    if (isWhole && isNameToken(before)) return [token.body];
    return inText(sql, token.body);
  });
}

function isSecretName(name: string): boolean {
  return secretName.test(name) && !plainName.test(name);
}

/** The password of a role; a bare word in its place is an error that Postgres would repeat. */
function ofRole({ word, body, start, end }: Token): Span[] {
  if (body !== undefined) return [body];
  return word === "null" ? [] : [{ start, end }];
}

function isNameToken(token: Token | undefined): boolean {
  return token !== undefined && /^["a-z_]/.test(token.word);
}

function nameOf(sql: string, { word, body }: Token): string {
  return word === '"' && body !== undefined ? sql.slice(body.start, body.end) : word;
}

/** Passwords within a connection string. */
function inText(sql: string, { start, end }: Span): Span[] {
  return [...sql.slice(start, end).matchAll(inConnection)].map((found) => {
    const kept = (found[1] ?? found[2] ?? "").length;
    return { start: start + found.index + kept, end: start + found.index + found[0].length };
  });
}

/** Within a block every text of a statement that speaks of a password may be one, also what is executed as a text. */
function inBlock(sql: string, { start, end }: Span, depth: number): Span[] {
  const body = sql.slice(start, end);
  if (!secretName.test(body)) return inText(sql, { start, end });
  if (depth >= maxDepth) return [{ start, end }];
  const spans: Span[] = [];
  let speaks = false;
  for (const token of tokensOf(body)) {
    if (token.word === ";") speaks = false;
    else if (token.word !== "'" || token.body === undefined) speaks ||= secretName.test(nameOf(body, token));
    else {
      const text = body.slice(token.body.start, token.body.end);
      const named = secretName.exec(text);
      const from = token.body.start + (speaks || named === null ? 0 : named.index + named[0].length);
      if (speaks || (named !== null && /['=]/.test(text.slice(named.index)))) {
        spans.push({ start: start + from, end: start + token.body.end });
      }
      speaks ||= named !== null;
    }
  }
  return spans;
}
