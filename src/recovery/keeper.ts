/**
 * Keeps the list of artifacts while steps run: a row when something is set aside, its count and checksum when it is sealed,
 * a check before it is given back. All of it commits with the step.
 */
import { defined } from "../base/assert.ts";
import { toolError } from "../base/errors.ts";
import { commandLine } from "../base/shell.ts";
import { predictOperations } from "../diff/plan-operations.ts";
import type { SchemaGraph } from "../model/graph.ts";
import type { Session } from "../pg/session.ts";
import type { PlannedStep } from "../risk/plan.ts";
import type { ArtifactKeeper } from "../run/artifact-keeper.ts";
import type { ArtifactMark } from "../sql/artifact.ts";
import { qualified } from "../sql/identifier.ts";
import { endArtifact, insertArtifact, notRecorded, readArtifactAt, sealArtifact, sourceInWords } from "./artifact.ts";
import { changedArchive, checksumText, fixSettings, takeChecksum } from "./checksum.ts";
import { columnExtras } from "./extras.ts";
import { forceRowSecurity } from "./forced-security.ts";
import { notesFor, recoveryText } from "./notes.ts";

/** The steps of a migration that is being run, in the order of execution, and the schema it began with. */
export interface RunningMigration {
  readonly steps: readonly PlannedStep[];
  readonly before: SchemaGraph;
}

/** Whether steps set anything aside, so that a keeper has to know the schema they begin with. */
export function setsAside(steps: readonly PlannedStep[]): boolean {
  return steps.some(({ segments }) => segments.some(({ artifact }) => artifact?.phase === "kept"));
}

/** A keeper for one run on the ledger of a schema; `running` is undefined where nothing is set aside. */
export function artifactKeeper(schema: string, running: RunningMigration | undefined): ArtifactKeeper {
  const extras = new Map<string, readonly string[]>();
  const forced = new Set<string>();
  return {
    async begin(tx, _place, mark) {
      if (mark.phase === "kept") {
        if (mark.type !== "archive_column") return;
        await refuseSecondCopy(tx, mark);
        extras.set(mark.physical, await columnExtras(tx, mark));
        // The owner has to read every row to copy it; nobody else reaches the table in between, which is locked for that.
        if (await forceRowSecurity(tx, qualified(mark.schema, mark.table), false)) forced.add(mark.physical);
        return;
      }
      if (mark.phase === "sealed") {
        await fixSettings(tx);
        if (await forceRowSecurity(tx, mark.physical, false)) forced.add(mark.physical);
        return;
      }
      if (mark.phase !== "purged") await check(tx, schema, mark);
    },
    async end(tx, place, mark, answer) {
      switch (mark.phase) {
        case "kept": {
          if (forced.delete(mark.physical)) await forceRowSecurity(tx, qualified(mark.schema, mark.table), true);
          const { steps, before } = defined(running, "setting something aside knows its migration");
          const ops = steps.map(({ op }) => op);
          const at = steps.findIndex(({ segments }) =>
            segments.some(({ artifact }) => artifact?.phase === "kept" && artifact.physical === mark.physical),
          );
          const notes = notesFor(ops, before, at, mark, extras.get(mark.physical) ?? []);
          const text = recoveryText(notes, predictOperations(before, ops), tx.server.versionNum);
          await insertArtifact(tx, schema, place, mark, text);
          return;
        }
        case "sealed": {
          const { rows, checksum } = checksumText(defined(answer, "a checksum has one row"));
          if (forced.delete(mark.physical)) await forceRowSecurity(tx, mark.physical, true);
          await sealArtifact(tx, schema, mark.physical, rows, checksum);
          return;
        }
        case "purged":
        case "restored": {
          const artifact = await readArtifactAt(tx, schema, mark.physical);
          if (artifact !== undefined) await endArtifact(tx, schema, artifact.id, mark.phase);
          return;
        }
        case "checked":
      }
    },
  };
}

/** What was sealed has to be what it was; once is enough for a column, whose archive nothing changes while it is restored. */
async function check(tx: Session, schema: string, mark: ArtifactMark): Promise<void> {
  if (mark.seal === undefined || (mark.phase === "restored" && mark.type !== "archive_table")) return;
  const artifact = await readArtifactAt(tx, schema, mark.physical, true);
  if (artifact === undefined) throw notRecorded(mark.physical);
  await fixSettings(tx);
  const forced = await forceRowSecurity(tx, mark.physical, false);
  const { checksum } = await takeChecksum(tx, artifact);
  if (checksum !== artifact.checksum) throw changedArchive(artifact, checksum);
  if (forced) await forceRowSecurity(tx, mark.physical, true);
}

/** A copy that was given back holds the values of rows that are gone, too: it makes room when somebody says so. */
async function refuseSecondCopy(tx: Session, mark: ArtifactMark): Promise<void> {
  const [row] = await tx.rows("select pg_catalog.to_regclass($1) is not null", [mark.physical]);
  if (row?.[0] !== "t") return;
  const source = sourceInWords(mark.schema, mark.table, mark.column);
  const purge = commandLine`zanith recover purge ${source}`;
  throw toolError({
    code: "archive_mismatch",
    what: `the archive of ${source} from an earlier time is still there, as ${mark.physical}`,
    why: `it was given back, and its copy is kept until: ${purge}`,
    state: "the step changed nothing",
    next: `${purge}, then: zanith migrate up`,
  });
}
