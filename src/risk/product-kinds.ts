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
  { kind: "createExtension", family: "create", base: "safe", summary: "installs an extension" },
  { kind: "createTable", family: "create", base: "safe", summary: "makes a table with its columns and constraints" },
  {
    kind: "addColumn",
    family: "create",
    base: "safe",
    baseNote: "low with a constant default, high when NOT NULL without a default",
    summary: "adds a column to a table",
  },
  {
    kind: "addGeneratedColumn",
    family: "create",
    base: "medium",
    summary: "adds a column that Postgres computes from others",
  },
  { kind: "addIndex", family: "index & constraint", base: "low", summary: "builds an index while writes go on" },
  { kind: "dropIndex", family: "index & constraint", base: "medium", summary: "removes an index while writes go on" },
  {
    kind: "addUnique",
    family: "index & constraint",
    base: "medium",
    summary: "adds a unique constraint by way of a concurrently built index",
  },
  { kind: "dropUnique", family: "index & constraint", base: "medium", summary: "removes a unique constraint" },
  {
    kind: "addForeignKey",
    family: "index & constraint",
    base: "medium",
    summary: "adds a foreign key, not valid at first, then validates it",
  },
  { kind: "dropForeignKey", family: "index & constraint", base: "medium", summary: "removes a foreign key" },
  {
    kind: "alterColumnType",
    family: "alter",
    base: "high",
    baseNote: "low when the change is binary-coercible or widening",
    summary: "changes the type of a column",
  },
  {
    kind: "alterColumnNullable",
    family: "alter",
    base: "low",
    baseNote: "high when it becomes NOT NULL",
    summary: "lets a column hold NULL, or forbids it by way of a validated check",
  },
  { kind: "alterColumnDefault", family: "alter", base: "low", summary: "sets, changes or removes a column's default" },
  { kind: "renameTable", family: "alter", base: "medium", summary: "renames a table" },
  { kind: "renameColumn", family: "alter", base: "medium", summary: "renames a column" },
  { kind: "dropColumn", family: "drop", base: "destructive", summary: "removes a column and its values" },
  { kind: "dropTable", family: "drop", base: "destructive", summary: "removes a table and its rows" },
  { kind: "dropExtension", family: "drop", base: "destructive", summary: "removes an extension" },
  { kind: "enableRls", family: "security", base: "medium", summary: "switches row level security on for a table" },
  { kind: "disableRls", family: "security", base: "medium", summary: "switches row level security off for a table" },
  { kind: "createPolicy", family: "security", base: "medium", summary: "adds a row level security policy" },
  { kind: "dropPolicy", family: "security", base: "medium", summary: "removes a row level security policy" },
  {
    kind: "softDropColumn",
    family: "recovery & advanced",
    base: "medium",
    summary: "hides a column under a reserved name; undo is a rename",
  },
  {
    kind: "softDropTable",
    family: "recovery & advanced",
    base: "medium",
    summary: "hides a table under a reserved name; undo is a rename",
  },
  {
    kind: "archiveColumn",
    family: "recovery & advanced",
    base: "medium",
    summary: "keeps a column's values with a checksum, then removes the column",
  },
  {
    kind: "archiveTable",
    family: "recovery & advanced",
    base: "medium",
    summary: "keeps a table's rows with a checksum, then removes the table",
  },
  {
    kind: "backfill",
    family: "recovery & advanced",
    base: "medium",
    summary: "fills rows in resumable batches over the primary key",
  },
  {
    kind: "splitColumn",
    family: "recovery & advanced",
    base: "medium",
    summary: "spreads one column's values over several new ones",
  },
  {
    kind: "mergeColumns",
    family: "recovery & advanced",
    base: "medium",
    summary: "combines the values of several columns in a new one",
  },
  {
    kind: "rebuildTable",
    family: "recovery & advanced",
    base: "high",
    summary: "copies a table into a new form and keeps the old one aside",
  },
  {
    kind: "rawSql",
    family: "escape hatch",
    base: "medium",
    baseNote: "when nothing better is known about the statement",
    summary: "runs a statement as it is written",
  },
];
