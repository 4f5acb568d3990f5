/** The files against the ledger: what is pending, and what was edited, lost or put in between since it was applied. */
import { type Migration, operationDigest } from "./migration.ts";

/** What the ledger says of one migration. */
export interface RecordedMigration {
  readonly id: string;
  readonly complete: boolean;
  /** digest of the operation of each step that is applied, by step index */
  readonly applied: ReadonlyMap<number, string | undefined>;
}

export interface LedgerProblem {
  readonly migration: string;
  readonly problem: "edited" | "lost" | "out of order";
  readonly message: string;
}

export interface LedgerCheck {
  readonly pending: readonly Migration[];
  readonly applied: readonly Migration[];
  readonly problems: readonly LedgerProblem[];
}

/** Compares the folder with the ledger. Pending migrations keep file order; one begun before is the first of them. */
export function checkAgainstLedger(files: readonly Migration[], recorded: readonly RecordedMigration[]): LedgerCheck {
  const byId = new Map(recorded.map((record) => [record.id, record]));
  const fileIds = new Set(files.map(({ id }) => id));
  const problems: LedgerProblem[] = [];
  const applied: Migration[] = [];
  const pending: Migration[] = [];
  const lastComplete = recorded
    .filter(({ complete }) => complete)
    .map(({ id }) => id)
    .sort()
    .at(-1);
  for (const file of files) {
    const record = byId.get(file.id);
    if (record?.complete) applied.push(file);
    else pending.push(file);
    const edited = record === undefined ? undefined : editedStep(file, record);
    if (edited !== undefined)
      problems.push({
        migration: file.id,
        problem: "edited",
        message: `${file.file} was edited after it was applied: ${edited}`,
      });
    if (record === undefined && lastComplete !== undefined && file.id < lastComplete) {
      problems.push({
        migration: file.id,
        problem: "out of order",
        message: `${file.file} is older than ${lastComplete}, which is applied already`,
      });
    }
  }
  for (const record of recorded) {
    if (fileIds.has(record.id)) continue;
    if (!record.complete && record.applied.size === 0) continue;
    problems.push({
      migration: record.id,
      problem: "lost",
      message: `${record.id} is in the ledger but its file is not in the folder`,
    });
  }
  return { pending, applied, problems };
}

function editedStep(file: Migration, record: RecordedMigration): string | undefined {
  for (const [index, digest] of record.applied) {
    const op = file.ops[index];
    if (op === undefined) return `step ${index} was applied and is gone`;
    if (digest !== undefined && digest !== operationDigest(op))
      return `step ${index} is another operation than the one that ran`;
  }
  if (record.complete && file.ops.length !== record.applied.size) {
    return `it has ${file.ops.length} steps, ${record.applied.size} were applied`;
  }
  return undefined;
}
