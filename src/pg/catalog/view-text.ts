/**
 * The query of a view as a text that is the same on every server: ruleutils.c of 14 and 15 qualifies the columns of a
 * query over one relation, since a view's query there also lists OLD and NEW; from 16 on it does not. Works on what
 * pg_get_viewdef prints without PRETTY, and leaves a text alone where it is not sure. A relation named old or new keeps the
 * alias old_1 or new_1 that 14 and 15 give it.
 */
import { isName, tokensOf } from "../../model/rename-text.ts";

/** First server_version_num whose views hold no entries for OLD and NEW. */
const plainSince = 160000;

/**
 * The query without its end, as 16 and later print it. A list of VALUES that stands for itself is printed without the space
 * that the same list has once the printed text has been read again (get_from_clause_item in ruleutils.c, 14 to 18).
 * @param outputs names of the view's columns, in order
 */
export function queryText(printed: string, outputs: readonly string[], versionNum: number): string {
  const text = printed.trimStart().replace(/;$/, "");
  const isOld = versionNum < plainSince;
  const hasValues = text.includes("(VALUES ");
  if (!isOld && !hasValues) return text;
  const tokens = tokensOf(text);
  const spaced = (token: string, at: number): string => (token === "(" && tokens[at + 1] === "VALUES" ? "( " : token);
  const dropped = isOld ? surplusQualifiers(wordsOf(tokens), outputs) : undefined;
  return tokens.map((token, at) => (dropped?.has(at) ? "" : spaced(token, at))).join("");
}

/** A token that is no space, where it stands, and what it stands in. */
interface Word {
  readonly text: string;
  /** index among all tokens */
  readonly at: number;
  /** index of the parenthesis around it among the words; -1 for none */
  readonly group: number;
  /** whether it is in a query of its own inside the outer one */
  readonly inner: boolean;
}

/** The server prints keywords in upper case and puts other names in upper case in quotes. */
const keyword = /^[A-Z_]+$/;
const name = /^(?:"|[\p{L}_][^']*$)/u;
const afterFrom = new Set(["WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "OFFSET", "FETCH", "FOR"]);
const notOneSelect = new Set(["UNION", "INTERSECT", "EXCEPT", "JOIN", ","]);
const afterOrder = new Set([...afterFrom, "SELECT", "FROM", "PARTITION", "RANGE", "ROWS", "GROUPS"]);

function wordsOf(tokens: readonly string[]): readonly Word[] {
  const found: { text: string; at: number; group: number }[] = [];
  const open: number[] = [];
  const queries = new Set<number>();
  for (const [at, text] of tokens.entries()) {
    if (text.trim() === "") continue;
    if (text === ")" || text === "]") open.pop();
    const group = open.at(-1) ?? -1;
    if (text === "SELECT" || text === "VALUES") queries.add(group);
    found.push({ text, at, group });
    if (text === "(" || text === "[") open.push(found.length - 1);
  }
  const words: Word[] = [];
  for (const { text, at, group } of found) {
    words.push({ text, at, group, inner: group >= 0 && (queries.has(group) || words[group]?.inner === true) });
  }
  return words;
}

/** Tokens that qualify a column of the only relation of the outer query, with their points. */
function surplusQualifiers(words: readonly Word[], outputs: readonly string[]): ReadonlySet<number> {
  const none: ReadonlySet<number> = new Set();
  const outer = [...words.entries()].filter(([, { group }]) => group === -1);
  const selects = outer.filter(([, { text }]) => text === "SELECT");
  const select = selects[0]?.[0];
  if (select === undefined || selects.length > 1) return none;
  const from = outer.find(
    ([at, { text }]) => at > select && text === "FROM" && words[at - 1]?.text !== "DISTINCT",
  )?.[0];
  if (from === undefined) return none;
  const end = outer.find(([at, { text }]) => at > from && afterFrom.has(text))?.[0] ?? words.length;
  if (outer.some(([at, { text }]) => at > from && (at < end || text !== ",") && notOneSelect.has(text))) return none;
  const alias = aliasIn(words, from, end);
  if (alias === undefined) return none;

  const taken = outputsOtherThan(alias, words.slice(select + 1, from), outputs);
  const ordered = orderedItems(words);
  const dropped = new Set<number>();
  for (let at = 0; at < words.length; at++) {
    const [qualifier, point, column] = words.slice(at, at + 3);
    if (!qualifier || !point || !column || qualifier.inner || (at > from && at < end)) continue;
    if (qualifier.text !== alias || point.text !== "." || !name.test(column.text)) continue;
    const before = words[at - 1]?.text ?? "";
    const next = words[at + 3];
    // the name of a type, a collation or a function of a schema of that name
    if (before === "." || before === ":" || before === "COLLATE") continue;
    if (next?.text === "." || (next?.text === "(" && next.at === column.at + 1)) continue;
    // Here a name alone would mean the output column (findTargetlistEntrySQL92); 16 and later qualify it as well.
    const isWhole = next === undefined || next.text === "," || next.text === ")" || keyword.test(next.text);
    if (isWhole && ordered.has(at) && taken.some((output) => isName(column.text, output))) continue;
    dropped.add(qualifier.at).add(point.at);
  }
  return dropped;
}

/** What columns of the only item of FROM are qualified with; undefined for a join. */
function aliasIn(words: readonly Word[], from: number, end: number): string | undefined {
  const first = words[from + 1];
  if (first?.text === "(" && words[from + 2]?.inner !== true) return undefined;
  const sample = words.findIndex(
    ({ text, group }, at) => at > from && at < end && group === -1 && text === "TABLESAMPLE",
  );
  const item = words.slice(from + 1, sample === -1 ? end : sample);
  const named = item.findLast(({ text, group }) => group === -1 && name.test(text) && !keyword.test(text))?.text;
  return named ?? (first?.text === "XMLTABLE" ? '"xmltable"' : undefined);
}

/** Names of output columns that are something else than the column of that name. */
function outputsOtherThan(alias: string, list: readonly Word[], outputs: readonly string[]): readonly string[] {
  const starts = list[0]?.text === "DISTINCT" ? (list[1]?.text === "ON" ? endOfGroup(list, 2) + 1 : 1) : 0;
  const items: string[][] = [[]];
  for (const { text, group } of list.slice(starts)) {
    if (text === "," && group === -1) items.push([]);
    else items.at(-1)?.push(text);
  }
  return outputs.filter((output, index) => {
    const [qualifier, point, column, ...rest] = items[index] ?? [];
    const isItself = qualifier === alias && point === "." && column !== undefined && isName(column, output);
    return !isItself || rest.length > 0;
  });
}

function endOfGroup(list: readonly Word[], open: number): number {
  const inside = list[open]?.group;
  const close = list.findIndex(({ text, group }, at) => at > open && text === ")" && group === inside);
  return close === -1 ? list.length : close;
}

/** Where an item of ORDER BY or DISTINCT ON starts. */
function orderedItems(words: readonly Word[]): ReadonlySet<number> {
  const ordering = new Set<number>();
  const found = new Set<number>();
  for (const [at, { text, group }] of words.entries()) {
    const before = words[at - 1]?.text ?? "";
    if (before === "(" && words[at - 2]?.text === "ON" && words[at - 3]?.text === "DISTINCT") ordering.add(group);
    if (text === "BY" && before === "ORDER") ordering.add(group);
    else if (afterOrder.has(text)) ordering.delete(group);
    else if (ordering.has(group) && ["BY", ",", "("].includes(before)) found.add(at);
  }
  return found;
}
