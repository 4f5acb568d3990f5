/** The check that comes before anything is given back: an archive has to be what was recorded. Changes nothing. */
import { toolError } from "../../base/errors.ts";
import type { Session } from "../../pg/session.ts";
import { type Artifact, notRecorded } from "../../recovery/artifact.ts";
import { changedArchive, fixSettings, takeChecksum } from "../../recovery/checksum.ts";
import { forceRowSecurity } from "../../recovery/forced-security.ts";
import { isMissing } from "./artifacts.ts";

/** Refuses what is not what was recorded, before anything is written. */
export async function verifyArchive(session: Session, artifact: Artifact): Promise<void> {
  if (artifact.type.startsWith("soft")) return;
  if (artifact.checksum === null) throw unsealed(artifact);
  try {
    const { checksum } = await session.transaction({}, async (tx) => {
      await fixSettings(tx);
      const forced = await forceRowSecurity(tx, artifact.physical, false);
      const taken = await takeChecksum(tx, artifact);
      if (forced) await forceRowSecurity(tx, artifact.physical, true);
      return taken;
    });
    if (checksum !== artifact.checksum) throw changedArchive(artifact, checksum);
  } catch (error) {
    if (isMissing(error)) throw notRecordedRows(artifact);
    throw error;
  }
}

function notRecordedRows(artifact: Artifact): Error {
  return artifact.checksum === null ? notRecorded(artifact.physical) : changedArchive(artifact, undefined);
}

function unsealed({ id }: Artifact): Error {
  return toolError({
    code: "archive_mismatch",
    what: `Refusing to restore: ${id} has no checksum yet`,
    why: "the step that archived it has not finished",
    state: "nothing was changed",
    next: "zanith migrate up",
  });
}
