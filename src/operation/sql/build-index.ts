/** Indexes built and removed while writes go on, with what a re-run has to look at; and the plain forms for new tables. */
import type { Index, PrimaryKey, Unique } from "../../model/object.ts";
import { asInput } from "../../sql/expression.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { type CatalogQuestion, type Segment, type Statement, statement } from "../../sql/statement.ts";
import { keyColumns } from "./constraint.ts";
import { type IndexTraits, indexIsBuilt, indexIsInvalid } from "./index-question.ts";
import { relationIsGone } from "./question.ts";

/** An index to be built: what identifies it, and what follows USING. */
export interface IndexPlan extends IndexTraits {
  readonly definition: string;
  readonly tablespace?: string | undefined;
}

/** The plan of an index of the graph. */
export function planOfIndex(index: Index): IndexPlan {
  const { schema, table, name, definition, columns, tablespace } = index;
  const method = /^\s*"?([^\s"(]+)/.exec(definition)?.[1] ?? "btree";
  return {
    schema,
    table,
    name,
    definition,
    columns,
    method: method.toLowerCase(),
    unique: index.unique === true,
    tablespace,
  };
}

/** The plan of the unique index that a constraint will use, under a name of its own. */
export function planOfKeyIndex(key: PrimaryKey | Unique, name: string): IndexPlan {
  const { schema, table, columns, include = [] } = key;
  const distinct = key.kind === "unique" && key.nullsNotDistinct ? " nulls not distinct" : "";
  return {
    schema,
    table,
    name,
    definition: `btree ${keyColumns(key)}${distinct}`,
    columns: [...new Set([...columns, ...include])],
    method: "btree",
    unique: true,
    tablespace: key.tablespace,
  };
}

/** CREATE INDEX at once: stops writes to the table while it reads it, so only for a table nobody uses yet. */
export function createIndex(index: IndexPlan): Statement {
  return statement(createText(index, ""), "share", [qualified(index.schema, index.table)], "scan");
}

/** CREATE INDEX on a partitioned table alone: reads nothing, and stays invalid until every partition has its part. */
export function createIndexOnly(index: IndexPlan): Statement {
  return statement(createText(index, "", "only "), "share", [qualified(index.schema, index.table)]);
}

/**
 * CREATE INDEX CONCURRENTLY, never with IF NOT EXISTS: that takes an invalid index for success. When it fails it leaves an
 * invalid index, which costs writes and, if unique, rejects rows; it is dropped before the next try.
 */
export function createIndexConcurrently(
  index: IndexPlan,
  done: CatalogQuestion = indexIsBuilt(index),
  invalid: CatalogQuestion = indexIsInvalid(index),
): Segment {
  return {
    mode: "alone",
    statements: [
      statement(
        createText(index, "concurrently "),
        "share update exclusive",
        [qualified(index.schema, index.table)],
        "scan",
      ),
    ],
    done,
    leftover: {
      what: `the invalid index ${qualified(index.schema, index.name)}`,
      found: invalid,
      remove: [dropIndexConcurrently(index)],
    },
  };
}

/** DROP INDEX CONCURRENTLY. An interrupted one leaves an invalid index, and the same statement finishes it. */
export function dropIndexConcurrently(
  index: { readonly schema: string; readonly table: string; readonly name: string },
  done: CatalogQuestion = relationIsGone(index.schema, index.name),
): Segment {
  return {
    mode: "alone",
    statements: [
      statement(`drop index concurrently ${qualified(index.schema, index.name)}`, "share update exclusive", [
        qualified(index.schema, index.table),
      ]),
    ],
    done,
  };
}

/** DROP INDEX at once. */
export function dropIndexPlainly(index: {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
}): Statement {
  return statement(`drop index ${qualified(index.schema, index.name)}`, "access exclusive", [
    qualified(index.schema, index.table),
  ]);
}

/** ALTER INDEX … RENAME locks the index alone, since 12 with SHARE UPDATE EXCLUSIVE. */
export function renameIndex(schema: string, from: string, to: string): Statement {
  const name = qualified(schema, from);
  return statement(`alter index ${name} rename to ${quoteIdent(to)}`, "share update exclusive", [name]);
}

function createText(index: IndexPlan, concurrently: string, only = ""): string {
  const unique = index.unique ? "unique " : "";
  return `create ${unique}index ${concurrently}${quoteIdent(index.name)} on ${only}${qualified(index.schema, index.table)} using ${asInput(definitionOf(index))}`;
}

/** The definition with the place of its files: TABLESPACE stands before WHERE. */
function definitionOf({ definition, tablespace }: IndexPlan): string {
  if (tablespace === undefined) return definition;
  const end = whereOf(definition);
  return `${definition.slice(0, end)} tablespace ${quoteIdent(tablespace)}${definition.slice(end)}`;
}

/** Where the predicate of a printed definition begins, outside quotes and parentheses; its end when there is none. */
function whereOf(definition: string): number {
  let depth = 0;
  let quote = "";
  for (let at = 0; at < definition.length; at++) {
    const character = definition[at] as string;
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === "'" || character === '"') quote = character;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (depth === 0 && definition.startsWith(" WHERE ", at)) return at;
  }
  return definition.length;
}
