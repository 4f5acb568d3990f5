/**
 * Verdicts that were reached, kept in a file beside the migrations: production stays untouched by verify, so they are
 * not in the database. A verdict counts only for exactly the same operations on exactly the same schema.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { toolError } from "../base/errors.ts";

/** A proof: these operations led from one graph to another on a shadow, with the verdict `ok`. */
export interface ProvenMigration {
  readonly migration: string;
  readonly operations: string;
  readonly before: string;
  readonly after: string;
  readonly at: string;
}

const fileSchema = v.strictObject({
  format: v.literal(1),
  proven: v.array(
    v.strictObject({
      migration: v.string(),
      operations: v.string(),
      before: v.string(),
      after: v.string(),
      at: v.string(),
    }),
  ),
});

/** Verdicts kept: older ones fall out first. */
const kept = 200;

function pathOf(dir: string): string {
  return join(dir, ".zanith", "verdicts.json");
}

/** The verdicts beside a migrations folder; none when the file is missing or not ours. */
export function readVerdicts(dir: string): ProvenMigration[] {
  try {
    const parsed = v.safeParse(fileSchema, JSON.parse(readFileSync(pathOf(dir), "utf8")));
    return parsed.success ? parsed.output.proven : [];
  } catch {
    return [];
  }
}

/** Adds verdicts, replacing those of the same migration. @throws ToolError file_unreadable when the file cannot be written */
export function storeVerdicts(dir: string, proven: readonly ProvenMigration[]): void {
  if (proven.length === 0) return;
  const ids = new Set(proven.map(({ migration }) => migration));
  const all = [...readVerdicts(dir).filter(({ migration }) => !ids.has(migration)), ...proven].slice(-kept);
  const path = pathOf(dir);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify({ format: 1, proven: all }, null, 2)}\n`);
  } catch (error) {
    throw toolError({
      code: "file_unreadable",
      what: `cannot write ${path}`,
      why: error instanceof Error ? error.message : String(error),
      state: "the verdict was not kept",
      next: "check the folder's permissions",
    });
  }
}

/** The verdict for these operations on a schema, if there is one. */
export function findVerdict(
  verdicts: readonly ProvenMigration[],
  migration: string,
  operations: string,
  before: string,
): ProvenMigration | undefined {
  return verdicts.find((one) => one.migration === migration && one.operations === operations && one.before === before);
}
