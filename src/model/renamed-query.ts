/**
 * How a stored query reads after a rename: the server prints names as they are by then, and keeps the names of output
 * columns by saying AS. Works on printed texts (ruleutils.c, the same in 14 to 18).
 */
import { quoteIdent } from "../sql/identifier.ts";
import { isName, renamedText, tokensOf } from "./rename-text.ts";

/** A query after a table or column got another name; for a column, what a SELECT gave under its name goes on under it. */
export function renamedQuery(
  before: string,
  after: string | undefined,
  rename: { readonly of: "table" | "column"; readonly from: string; readonly to: string },
): string {
  const { of, from, to } = rename;
  if (of === "table") return renamedText(before, after, from, to);
  const now = withOutputNames(before, from, to);
  // A name may stand for something else as well: where the wanted text is the old one with some mentions renamed, it holds.
  return after !== undefined && plainText(after, from, to) === plainText(now, from, to) ? after : now;
}

/** Renames every mention; a column that is an output of a SELECT as it is keeps its name there. */
function withOutputNames(text: string, from: string, to: string): string {
  const tokens = [...tokensOf(text)];
  const lists: boolean[] = [false];
  const result: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? "";
    if (token === "(") lists.push(false);
    else if (token === ")") lists.pop();
    else if (token === "SELECT" || token === "FROM") lists[lists.length - 1] = token === "SELECT";
    if (!isName(token, from)) {
      result.push(token);
      continue;
    }
    const isAlias = tokens[at - 1] === " " && tokens[at - 2] === "AS";
    if (isAlias) {
      result.push(token);
      continue;
    }
    result.push(quoteIdent(to));
    if (lists[lists.length - 1] !== true || !startsItem(tokens, at)) continue;
    const next = tokens[at + 1];
    if (next === undefined || next === "," || next === "\n" || next === ")") result.push(` AS ${quoteIdent(from)}`);
    else if (next === " " && tokens[at + 2] === "AS" && isName(tokens[at + 4] ?? "", to)) at += 4;
  }
  return result.join("");
}

/** Whether a name, with what qualifies it, is all there is of an item of a SELECT up to it. */
function startsItem(tokens: readonly string[], name: number): boolean {
  let at = name - 1;
  while (tokens[at] === ".") at -= 2;
  while (tokens[at]?.trim() === "" && at >= 0) at--;
  return at < 0 || [",", "SELECT", "DISTINCT"].includes(tokens[at] ?? "");
}

/** A text in which both names read the same and an output of a column needs no AS. */
function plainText(text: string, from: string, to: string): string {
  const name = quoteIdent(to);
  const renamed = tokensOf(text).map((token) => (isName(token, from) ? name : token));
  return renamed.join("").replaceAll(`${name} AS ${name}`, name);
}
