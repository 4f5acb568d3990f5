/** `zanith recover list | inspect`: what was archived or renamed out of the way, and the SQL that brings it back. */
import { exitCode } from "../../base/errors.ts";
import { commandLine } from "../../base/shell.ts";
import type { Artifact } from "../../recovery/artifact.ts";
import { shortChecksum } from "../../recovery/checksum.ts";
import { sourceText } from "../../recovery/find.ts";
import { renderTable } from "../../render/columns.ts";
import { block, type Line, line, outside, span } from "../../render/line.ts";
import { formatMoment } from "../../render/time.ts";
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
    sourceText(view),
    stateOf(view),
    rows,
    bytes === null ? null : sizeText(Number(bytes)),
    ageText(ageSeconds),
    expiresAt === null ? "never" : formatMoment(expiresAt),
    id,
  ];
}

/** What can be done with it, in a word. */
export function stateOf({
  status,
  expired,
  checksum,
  type,
}: Pick<Artifact, "status" | "expired" | "checksum" | "type">): string {
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

/** Whole units: nobody asks for the tenths of an age. */
function ageText(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, seconds)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

/** The command that comes next for an artifact; what is gone has none. */
function nextFor(
  artifact: Pick<Artifact, "status" | "type" | "column" | "checksum" | "expired">,
  what: string,
): Line[] {
  const next = (command: string, says: string): Line =>
    line(span("next: ", "dim"), outside(command, "accent"), span(`   ${says}`, "dim"));
  switch (stateOf(artifact)) {
    case "purged":
      return [];
    case "not sealed":
      return [next("zanith migrate up", "the step that archived it has not finished")];
    case "restored":
      return artifact.type === "archive_column"
        ? [next(commandLine`zanith recover purge ${what}`, "it is back; its copy in the archive is kept until then")]
        : [];
    default:
      return [
        next(
          commandLine`zanith recover restore-${artifact.column === null ? "table" : "column"} ${what} --dry-run`,
          "what bringing it back would do; without --dry-run it does it",
        ),
      ];
  }
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
    else {
      const newest = artifacts.find(({ status }) => status === "live");
      output.print([
        ...renderTable({ columns, rows: artifacts.map(cellsOf) }),
        ...(newest === undefined ? [] : nextFor(newest, sourceText(newest))),
      ]);
    }
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
      ...(verified?.intact === false
        ? [
            line(
              "  ",
              span("a restore refuses it; its rows as they are now: ", "dim"),
              outside(commandLine`zanith recover export ${what}`, "accent"),
            ),
          ]
        : nextFor(artifact, what)),
      line(),
      ...block(recoverySql.split("\n-- notes: ", 1)[0] ?? "", "code"),
    ]);
    return code;
  },
});
