/** The 31 operation kinds of the product as a reference, whether or not this version can run them. Runs nothing itself. */
import type { Family } from "../operation/define.ts";
import type { Level } from "./levels.ts";

/** One of the 31: what a person reads about it before it is built, and what it is checked against once it is. */
export interface ProductKind {
  readonly kind: string;
  readonly family: Family;
  /** the level by kind alone; context and details may raise or lower it */
  readonly base: Level;
  /** what the details change */
  readonly baseNote?: string;
  readonly summary: string;
}

/** All 31 in the order of their families. */
export const productKinds: readonly ProductKind[] = [
  { kind: "createExtension", family: "create", base: "safe", summary: "install an extension" },
  { kind: "createTable", family: "create", base: "safe", summary: "make a table with its columns, keys and checks" },
  {
    kind: "addColumn",
    family: "create",
    base: "safe",
    baseNote: "low with a constant default, high when NOT NULL without a default",
    summary: "add a column to a table",
  },
  {
    kind: "addGeneratedColumn",
    family: "create",
    base: "medium",
    summary: "add a column that is computed from others",
  },
  { kind: "addIndex", family: "index & constraint", base: "low", summary: "build an index while writes go on" },
  {
    kind: "dropIndex",
    family: "index & constraint",
    base: "medium",
    summary: "remove an index while reads and writes go on",
  },
  {
    kind: "addUnique",
    family: "index & constraint",
    base: "medium",
    summary: "add a unique constraint by way of an index built while writes go on",
  },
  {
    kind: "dropUnique",
    family: "index & constraint",
    base: "medium",
    summary: "remove a unique constraint and its index",
  },
  {
    kind: "addForeignKey",
    family: "index & constraint",
    base: "medium",
    summary: "add a foreign key, not valid at first, then validate it",
  },
  { kind: "dropForeignKey", family: "index & constraint", base: "medium", summary: "remove a foreign key" },
  {
    kind: "alterColumnType",
    family: "alter",
    base: "high",
    baseNote: "low when the change is binary-coercible or widening",
    summary: "change the type or collation of a column",
  },
  {
    kind: "alterColumnNullable",
    family: "alter",
    base: "high",
    baseNote: "low when it becomes nullable",
    summary: "make a column NOT NULL, or nullable",
  },
  { kind: "alterColumnDefault", family: "alter", base: "low", summary: "set, change or remove a column's default" },
  { kind: "renameTable", family: "alter", base: "medium", summary: "give a table another name" },
  { kind: "renameColumn", family: "alter", base: "medium", summary: "give a column another name" },
  { kind: "dropColumn", family: "drop", base: "destructive", summary: "drop a column and its values" },
  { kind: "dropTable", family: "drop", base: "destructive", summary: "drop a table and its rows" },
  { kind: "dropExtension", family: "drop", base: "destructive", summary: "remove an extension and everything it owns" },
  { kind: "enableRls", family: "security", base: "medium", summary: "switch row level security on for a table" },
  { kind: "disableRls", family: "security", base: "medium", summary: "switch row level security off for a table" },
  { kind: "createPolicy", family: "security", base: "medium", summary: "add a row level security policy" },
  { kind: "dropPolicy", family: "security", base: "medium", summary: "remove a row level security policy" },
  {
    kind: "softDropColumn",
    family: "recovery & advanced",
    base: "medium",
    summary: "hide a column under a reserved name; undo is a rename",
  },
  {
    kind: "softDropTable",
    family: "recovery & advanced",
    base: "medium",
    summary: "hide a table under a reserved name; undo is a rename",
  },
  {
    kind: "archiveColumn",
    family: "recovery & advanced",
    base: "medium",
    summary: "keep a column's values with a checksum, then remove the column",
  },
  {
    kind: "archiveTable",
    family: "recovery & advanced",
    base: "medium",
    summary: "keep a table's rows with a checksum, then remove the table",
  },
  {
    kind: "backfill",
    family: "recovery & advanced",
    base: "medium",
    summary: "fill rows in resumable batches over the primary key",
  },
  {
    kind: "splitColumn",
    family: "recovery & advanced",
    base: "medium",
    summary: "spread one column's values over several new ones",
  },
  {
    kind: "mergeColumns",
    family: "recovery & advanced",
    base: "medium",
    summary: "combine the values of several columns in a new one",
  },
  {
    kind: "rebuildTable",
    family: "recovery & advanced",
    base: "high",
    summary: "copy a table into a new form and keep the old one aside",
  },
  {
    kind: "rawSql",
    family: "escape hatch",
    base: "medium",
    baseNote: "when nothing better is known about the statement",
    summary: "run a statement as it is written",
  },
];
