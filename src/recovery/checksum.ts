/** Takes and compares checksums of what was set aside, under settings that make the same values print the same text. */

import { toolError } from "../base/errors.ts";
import { commandLine } from "../base/shell.ts";
import {
  cellChecksumAlgorithm,
  cellChecksumQuery,
  checksumAlgorithm,
  checksumQuery,
} from "../operation/sql/checksum.ts";
import { setConfig } from "../pg/server.ts";
import type { Session, TextRow } from "../pg/session.ts";
import { quoteLiteral } from "../sql/literal.ts";
import type { Artifact } from "./artifact.ts";

/** Everything that changes how a value prints; and rows that a policy hides are an error, not a smaller count. */
const settings: readonly (readonly [string, string])[] = [
  ["search_path", ""],
  ["DateStyle", "ISO, YMD"],
  ["IntervalStyle", "postgres"],
  ["TimeZone", "UTC"],
  ["extra_float_digits", "3"],
  ["bytea_output", "hex"],
  ["xmlbinary", "base64"],
  ["lc_monetary", "C"],
  ["row_security", "off"],
];

/** Fixes the settings for the open transaction. */
export async function fixSettings(tx: Session): Promise<void> {
  await tx.rows(`select ${settings.map(([name, value]) => setConfig(name, value, true)).join(", ")}`);
}

/** The checksum as it is recorded: algorithm, count and sum. */
export function checksumText(answer: TextRow): { readonly rows: string; readonly checksum: string } {
  const [rows, sum, algorithm] = answer;
  return { rows: rows ?? "0", checksum: `${algorithm ?? checksumAlgorithm}:${rows}:${sum}` };
}

/** The checksum of an artifact as it is now, by the algorithm its own was made with. The settings have to be fixed. */
export async function takeChecksum(
  tx: Session,
  { physical, checksum }: Pick<Artifact, "physical" | "checksum">,
): Promise<{ readonly rows: string; readonly checksum: string }> {
  const byCells = checksum?.startsWith(`${cellChecksumAlgorithm}:`) ?? false;
  const query = byCells ? cellChecksumQuery(physical, await columnNames(tx, physical)) : checksumQuery(physical);
  const [row = []] = await tx.rows(query);
  return checksumText(row);
}

async function columnNames(tx: Session, physical: string): Promise<string[]> {
  const rows = await tx.rows(
    `select a.attname::text from pg_catalog.pg_attribute a
     where a.attrelid = ${quoteLiteral(physical)}::pg_catalog.regclass and a.attnum > 0 and not a.attisdropped
     order by a.attnum`,
  );
  return rows.map(([name]) => name ?? "");
}

/** The refusal that a changed archive meets. */
export function changedArchive(artifact: Artifact, found: string | undefined): Error {
  const recorded = artifact.checksum ?? "";
  return toolError({
    code: "archive_mismatch",
    what: `Refusing to restore: archive checksum changed since archive time (recorded ${shortChecksum(recorded)}…)`,
    why:
      found === undefined
        ? `${artifact.physical} could not be read as it was`
        : `${artifact.physical} has ${rowsOf(found)} row(s) and the checksum ${shortChecksum(found)}…, recorded were ${rowsOf(recorded)} row(s)`,
    state: "nothing was changed",
    next: commandLine`look at what is there: zanith recover export ${artifact.id} --format csv`,
    details: { artifact: artifact.id, recorded, found },
  });
}

/** Eight digits that stand for a checksum in a sentence. */
export function shortChecksum(checksum: string): string {
  return new Bun.CryptoHasher("sha256").update(checksum).digest("hex").slice(0, 7);
}

function rowsOf(checksum: string): string {
  return checksum.split(":")[2] ?? "?";
}
