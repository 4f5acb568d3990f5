/** The folder of migration files: reading it in order, writing a new file. What was applied is not its business. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { toolError } from "../base/errors.ts";
import { compareText } from "../base/ordered.ts";
import { firstLine } from "../base/text.ts";
import type { Operation } from "../operation/define.ts";
import { kindOf } from "../operation/registry.ts";
import { withoutSecrets } from "../sql/secrets.ts";
import { isMigrationId, type Migration, migrationFromJson, migrationToJson } from "./migration.ts";

/** Splits the text of a .sql file into its statements. Handed in, because parsing SQL is the source layer's. */
export type SplitScript = (text: string, file: string) => Promise<readonly { readonly text: string }[]>;

const extensions = [".json", ".sql"] as const;

/** All migrations of a folder by id. A missing folder holds none; a file that is no migration is an error. */
export async function readMigrations(dir: string, splitScript: SplitScript): Promise<Migration[]> {
  const migrations: Migration[] = [];
  for (const file of listFiles(dir)) {
    const extension = extensions.find((ending) => file.endsWith(ending));
    if (extension === undefined || file.startsWith(".")) continue;
    const text = readMigrationFile(dir, file);
    if (extension === ".json") migrations.push(migrationFromJson(text, file));
    else migrations.push(await migrationFromSql(text, file, splitScript));
  }
  migrations.sort((a, b) => compareText(a.id, b.id));
  migrations.forEach((migration, index) => {
    const next = migrations[index + 1];
    if (next?.id === migration.id) {
      throw toolError({
        code: "format_invalid",
        what: `two files are the migration ${migration.id}`,
        why: `${migration.file} and ${next.file}`,
        state: "nothing was changed",
        next: "give one of them another id",
      });
    }
  });
  return migrations;
}

async function migrationFromSql(text: string, file: string, splitScript: SplitScript): Promise<Migration> {
  const id = file.slice(0, -".sql".length);
  if (!isMigrationId(id)) {
    throw toolError({
      code: "format_invalid",
      what: `${file} is not a migration`,
      why: "the name of a .sql migration is <YYYYMMDD_HHMMSS>_<slug>.sql in lower case",
      state: "nothing was changed",
      next: "rename it, or move it out of the folder",
    });
  }
  const statements = await splitScript(text, file);
  return { id, from: null, to: null, ops: statements.map(({ text: sql }, at) => rawStatement(sql, file, at)), file };
}

/** A statement as an operation, which refuses what a step may not hold: a statement that ends its transaction, say. */
function rawStatement(sql: string, file: string, at: number): Operation {
  const result = v.safeParse(kindOf("rawSql").payload, { kind: "rawSql", sql });
  if (result.success) return result.output;
  throw toolError({
    code: "format_invalid",
    what: `${file} cannot be a migration because of its statement ${at + 1}: ${firstLine(withoutSecrets(sql), 60)}`,
    why: result.issues[0].message,
    state: "nothing was changed",
    next: "take the statement out: each of the others is a step with a transaction of its own",
  });
}

function readMigrationFile(dir: string, file: string): string {
  try {
    return readFileSync(join(dir, file), "utf8");
  } catch (error) {
    throw toolError({
      code: "file_unreadable",
      what: `cannot read the migration ${file}`,
      why: error instanceof Error ? error.message : String(error),
      state: "nothing was changed",
      next: "check its permissions, or move it out of the folder if it is no migration",
    });
  }
}

function listFiles(dir: string): string[] {
  try {
    return readdirSync(dir).sort(compareText);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw toolError({
      code: "file_unreadable",
      what: `cannot read the migrations folder ${dir}`,
      why: error instanceof Error ? error.message : String(error),
      state: "nothing was changed",
      next: "check its permissions, or name another with --dir",
    });
  }
}

/** Writes a new migration file and returns its path; never overwrites one. */
export function writeMigration(dir: string, migration: Omit<Migration, "file">): string {
  const path = join(dir, `${migration.id}.json`);
  try {
    mkdirSync(dir, { recursive: true });
    writeFileSync(path, migrationToJson(migration), { flag: "wx" });
  } catch (error) {
    throw toolError({
      code: (error as NodeJS.ErrnoException).code === "EEXIST" ? "file_exists" : "file_unreadable",
      what: `cannot write ${path}`,
      why: error instanceof Error ? error.message : String(error),
      state: "no migration was written",
      next: "check the folder, or name another with --dir",
    });
  }
  return path;
}
