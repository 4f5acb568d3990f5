/** `zanith recover list | inspect`: what was archived or renamed out of the way, and the SQL that brings it back. */
import { exitCode } from "../../base/errors.ts";
import { shortChecksum } from "../../recovery/checksum.ts";
import { renderTable } from "../../render/columns.ts";
import { block, type Line, line, outside, span } from "../../render/line.ts";
import { formatDuration, formatMoment } from "../../render/time.ts";
import { type ArtifactView, inspectArtifact, listArtifacts } from "../../usecase/recover/artifacts.ts";
import { defineCommand } from "../command.ts";
import { flag } from "../options.ts";

export const artifactArgument = {
  name: "what",
  description: "table or table.column as in SQL, the id of an artifact, or of the migration that left it",
} as const;

const reached = { 5: "the database could not be reached" } as const;

const columns = ["type", "source", "state", "rows", "size", "age", "expires", "id"];

function cellsOf(view: ArtifactView): (string | null)[] {
  const { type, rows, bytes, ageSeconds, expiresAt, id } = view;
  return [
    type,
    sourceOf(view),
    stateOf(view),
    rows,
    bytes === null ? null : sizeText(Number(bytes)),
    ageText(ageSeconds),
    expiresAt === null ? "never" : formatMoment(expiresAt),
    id,
  ];
}

/** The table or column it came from, as a command takes it. */
export function sourceOf({ table, column }: Pick<ArtifactView, "table" | "column">): string {
  return [table.replace(/^public\./, ""), ...(column === null ? [] : [column])].join(".");
}

/** What can be done with it, in a word. */
export function stateOf({ status, expired, checksum, type }: Omit<ArtifactView, "bytes">): string {
  if (status !== "live") return status;
  if (checksum === null && type.startsWith("archive")) return "not sealed";
  return expired ? "expired" : "live";
}

const units = ["B", "kB", "MB", "GB", "TB"] as const;

/** `16 kB`: bytes with a unit, as Postgres's pg_size_pretty rounds them. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let at = 0;
  while (value >= 10_240 && at < units.length - 1) {
    value /= 1024;
    at++;
  }
  return `${Math.round(value)} ${units[at]}`;
}

function ageText(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  return days > 0 ? `${days} d` : formatDuration(seconds * 1000);
}

export const recoverList = defineCommand({
  path: "recover list",
  summary: "what was archived or renamed out of the way, newest first",
  options: {},
  examples: [{ command: "zanith recover list", says: "type, source, state, rows, size, age, expiry" }],
  exitCodes: reached,
  readsOnly: true,
  async run({ output, workspace }) {
    const artifacts = await listArtifacts(await workspace());
    if (output.json) output.result({ artifacts });
    else if (artifacts.length === 0) output.print([line(span("nothing was set aside", "dim"))]);
    else output.print(renderTable({ columns, rows: artifacts.map(cellsOf) }));
    return exitCode.done;
  },
});

export const recoverInspect = defineCommand({
  path: "recover inspect",
  summary: "one artifact: where it is, its checksum, the exact SQL that brings it back",
  args: [artifactArgument],
  options: { verify: flag("--verify", "take the checksum again and compare") },
  examples: [
    { command: "zanith recover inspect users.legacy_code", says: "metadata and recovery SQL" },
    { command: "zanith recover inspect users.legacy_code --verify", says: "exit 3 when the archive was changed" },
  ],
  exitCodes: { ...reached, 3: "the archive is not what it was" },
  readsOnly: true,
  async run({ args, options, output, workspace }) {
    const [what = ""] = args;
    const { artifact, bytes, verified } = await inspectArtifact(await workspace(), {
      what,
      ...(options.verify ? { verify: true } : {}),
    });
    const code = verified?.intact === false ? exitCode.refused : exitCode.done;
    if (output.json) {
      output.result({ ...artifact, bytes, ...(verified === undefined ? {} : { verified }) });
      return code;
    }
    const { id, type, migration, step, physical, rows, checksum, createdAt, expiresAt, recoverySql } = artifact;
    const fact = (name: string, value: string | null): Line =>
      line("  ", span(name.padEnd(10), "dim"), outside(value ?? "none"));
    output.print([
      line(outside(id, "title")),
      fact("type", type),
      fact("state", stateOf(artifact)),
      fact("migration", `${migration}, step ${step}`),
      fact("rows in", physical),
      fact("rows", rows),
      fact("size", bytes === null ? null : sizeText(Number(bytes))),
      fact("checksum", checksum === null ? null : `${checksum}   (${shortChecksum(checksum)})`),
      fact("set aside", formatMoment(createdAt)),
      fact("expires", expiresAt === null ? "never" : formatMoment(expiresAt)),
      ...(verified === undefined
        ? []
        : [
            verified.intact
              ? line("  ", span(`verified  the ${verified.rows} row(s) are what they were`, "ok"))
              : line("  ", span("changed   ", "bad"), outside(verified.checksum)),
          ]),
      line(),
      ...block(recoverySql.split("\n-- notes: ", 1)[0] ?? "", "code"),
    ]);
    return code;
  },
});
