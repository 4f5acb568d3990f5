/** rawSql: one statement as it is written. Nothing is known of it but its words, and nothing undoes it. */

import * as v from "valibot";
import { type Finding, finding } from "../risk/levels.ts";
import { withoutSecrets } from "../sql/secrets.ts";
import { type Segment, statement } from "../sql/statement.ts";
import { controlsTransaction, isOneStatement, runsAlone, wordsOf } from "../sql/words.ts";
import { defineOperation } from "./define.ts";

/** Longest statement, in characters, and how much of one stands for it in words. */
const longest = 1_000_000;
const shown = 60;

const payload = v.strictObject({
  sql: v.pipe(
    v.string(),
    v.maxLength(longest),
    v.check((sql) => !sql.includes("\0") && sql.isWellFormed(), "a statement holds no NUL and no half surrogate"),
    v.check((sql) => wordsOf(sql).some((word) => word !== ";"), "a statement is not empty"),
    v.check((sql) => isOneStatement(wordsOf(sql)), "it holds one statement, not several"),
    v.check((sql) => !controlsTransaction(wordsOf(sql, 2)), "it does not begin or end a transaction"),
  ),
  /** what it is for, in the words of who wrote it */
  description: v.optional(v.pipe(v.string(), v.maxLength(longest))),
});

type RawSql = v.InferOutput<typeof payload>;

export const rawSql = defineOperation<"rawSql", RawSql>({
  kind: "rawSql",
  family: "escape hatch",
  product: true,
  summary: "run a statement as it is written",
  base: "medium",
  baseNote: "when nothing better is known about the statement",
  reasons: ["raw_sql"],
  payload,
  on: [],
  opaque: true,
  claims: () => undefined,
  describe: (op) => shortened(op.description ?? withoutSecrets(withoutEnd(op.sql))),
  emit: (op) => [segmentOf(op.sql)],
  invert: () => ({ reversible: false, why: "what a statement of its own does is not known" }),
  predict: () => [],
  risks: (op) => findingsOf(op.sql),
  examples: [
    {
      name: "rows",
      before: "create table users (id int)",
      op: { sql: "insert into public.users (id) values (1); -- the first one" },
      after: "create table users (id int)",
      notFromDiff: true,
    },
    {
      name: "a statement that runs alone",
      before: "create table users (id int)",
      op: { sql: "/* after the import */ vacuum (analyze) public.users;", description: "fresh statistics" },
      after: "create table users (id int)",
      notFromDiff: true,
    },
    {
      name: "a body with semicolons",
      before: "create table users (id int)",
      op: { sql: "do $$ begin perform 1; update public.users set id = 2; end $$" },
      after: "create table users (id int)",
      notFromDiff: true,
    },
  ],
});

/**
 * Nothing is known of its locks, so the strongest is assumed, on tables unknown; but what runs alone and CONCURRENTLY lets
 * reads and writes go on. Names without a schema mean those of public, as in a script that declares a schema.
 */
function segmentOf(sql: string): Segment {
  const words = wordsOf(sql);
  const alone = runsAlone(words);
  const lock = alone && words.includes("concurrently") ? "share update exclusive" : "access exclusive";
  return {
    mode: alone ? "alone" : "transaction",
    statements: [statement(withoutEnd(sql), lock, [], "scan")],
    searchPath: "public",
  };
}

function findingsOf(sql: string): Finding[] {
  const alone = runsAlone(wordsOf(sql));
  return [
    finding(
      "medium",
      "raw_sql",
      `what it locks, reads and changes is not known${alone ? "; it cannot run in a transaction, so a failure can leave half of it" : ""}`,
    ),
  ];
}

/**
 * The statement without what follows it: whoever runs or prints it adds the semicolon, which a comment at the end of the last
 * line would swallow.
 */
function withoutEnd(sql: string): string {
  const text = sql.trim().replace(/(?:\s*;)+$/, "");
  return /--[^\n\r]*$/.test(text) ? `${text}\n` : text;
}

function shortened(text: string): string {
  const characters = [...text.replaceAll(/\s+/g, " ").trim()];
  return characters.length <= shown ? characters.join("") : `${characters.slice(0, shown - 1).join("")}…`;
}
