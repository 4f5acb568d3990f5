/** Recover: what was set aside instead of destroyed; beside it where its rows are, whether they are intact, what brings it back. */
import { riskTag, sigilOf } from "../../render/steps.ts";
import { formatDuration, formatMoment } from "../../render/time.ts";
import { type ArtifactRow, formatBytes, sourceOf, stateOf } from "../artifact-rows.ts";
import { artifactRows, cursorOf, selectedArtifact } from "../lists.ts";
import { known, type State } from "../state.ts";
import { fit, type UiLine, wrapAll } from "../text.ts";
import { formatCount } from "../widgets/bar.ts";
import { listLines } from "../widgets/list.ts";
import { type Area, rule, scrolled, ui } from "../widgets/panes.ts";
import { errorLines, type Look, notThere } from "./screen.ts";

/** Rows of the list that are shown at least, and what is left for details at least. */
const leastRows = 3;
const leastDetails = 10;

/** The recover screen: the list above, what is under the cursor below it in the whole width. */
export function recoverView(state: State, area: Area, look: Look): UiLine[] {
  const missing = notThere(state.readings.artifacts, "what is recoverable", area, look);
  const all = known(state.readings.artifacts);
  if (missing !== undefined || all === undefined) return missing ?? [];
  const foot = runLines(state, area, look);
  const rows = artifactRows(state);
  const artifact = selectedArtifact(state);
  if (artifact === undefined) return [[], ...emptyLines(all.length)];
  const height = area.height - foot.length;
  const listed = Math.max(leastRows, Math.min(rows.length, height - leastDetails));
  const list = listLines({
    length: rows.length,
    cursor: cursorOf(state, "recover", rows.length),
    width: area.width,
    height: listed,
    chrome: look.chrome,
    row: (at) => artifactLine(rows[at] as ArtifactRow, area.width, look),
  });
  while (list.length < listed) list.push([]);
  const details = wrapAll(detailLines(state, artifact, look), area.width - 2, look.chrome);
  const room = Math.max(1, height - listed - 2);
  const shown = scrolled(details, state.detailTop, room);
  while (shown.length < room) shown.push([]);
  return [headLine(area.width, look), ...list, rule(area.width, look.chrome), ...shown.map(behind), ...foot];
}

function behind(content: UiLine): UiLine {
  return [ui(" "), ...content];
}

function emptyLines(all: number): UiLine[] {
  if (all > 0) return [[ui("  nothing of that name was set aside", "dim")]];
  return [
    [ui("  nothing was set aside yet", "dim")],
    [],
    [ui("  archive and soft drop steps leave their rows here, with a count and a checksum", "dim")],
  ];
}

/** Cells of the columns after the name. */
const cells = { type: 18, rows: 8, size: 9, age: 6, state: 11 } as const;

function rowOf(
  width: number,
  look: Look,
  name: readonly [UiLine, UiLine],
  figures: readonly string[],
  state: UiLine,
): UiLine {
  const [rows = "", size = "", age = ""] = figures;
  const right = `${rows.padStart(cells.rows)}${size.padStart(cells.size)}${age.padStart(cells.age)}  `;
  const left = Math.max(12, width - right.length - cells.state - cells.type - 1);
  const { chrome } = look;
  return [
    ui(" "),
    ...fit(name[0], cells.type, chrome),
    ...fit(name[1], left, chrome),
    ui(right, "dim"),
    ...fit(state, cells.state, chrome),
  ];
}

function headLine(width: number, look: Look): UiLine {
  const word = (text: string): UiLine => [ui(text, "dim")];
  return rowOf(width, look, [word("type"), word("of")], ["rows", "size", "age"], word("state"));
}

function artifactLine(artifact: ArtifactRow, width: number, look: Look): UiLine {
  const { type, rows, bytes, ageSeconds } = artifact;
  const state = stateOf(artifact);
  const role = state === "live" ? "ok" : state === "expired" ? "warn" : "dim";
  const figures = [
    rows === null ? "" : formatCount(Number(rows)),
    bytes === null ? "" : formatBytes(Number(bytes)),
    ageOf(ageSeconds),
  ];
  return rowOf(width, look, [[ui(type)], [ui(sourceOf(artifact), "code")]], figures, [ui(state, role)]);
}

/** `3 d`, `5 h`, `12 min`: how long ago, in one unit. */
function ageOf(seconds: number): string {
  const units = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "m"],
  ] as const;
  for (const [size, unit] of units) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  return `${Math.max(0, Math.floor(seconds))} s`;
}

function detailLines(state: State, artifact: ArtifactRow, look: Look): UiLine[] {
  const { id, migration, step, physical, rows, checksum, createdAt, expiresAt, expired } = artifact;
  const fact = (name: string, ...rest: UiLine): UiLine => [ui(name.padEnd(10), "dim"), ...rest];
  const inspection = state.inspections[id];
  const lines: UiLine[] = [
    [ui(sourceOf(artifact), "title"), ui(rows === null ? "" : `   ${rows} row(s)`, "dim")],
    fact("kept in", ui(physical, "code")),
    fact("set aside", ui(formatMoment(createdAt)), ui(`   by step ${step} of ${migration}`, "dim")),
    fact("expires", ui(expiresAt === null ? "never" : formatMoment(expiresAt), expired ? "warn" : "plain")),
    fact("checksum", ui(checksum === null ? "none: what is renamed is not sealed" : checksum, "dim")),
  ];
  if (inspection === undefined) {
    return [...lines, [], [ui("Enter", "key"), ui(" takes the checksum again and shows the SQL that brings it back")]];
  }
  const { verified, artifact: whole } = inspection;
  const sql = whole.recoverySql.split("\n-- notes: ", 1)[0] ?? "";
  return [
    ...lines,
    ...(verified === undefined ? [] : [verifiedLine(verified, look)]),
    [],
    [ui("what brings it back", "title"), ui("   r restores it", "dim")],
    ...sql.split("\n").map((text): UiLine => [ui(text, text.startsWith("-- ") ? "dim" : "sql")]),
  ];
}

function verifiedLine({ intact, rows }: { readonly intact: boolean; readonly rows: string }, { glyphs }: Look): UiLine {
  const lead = ui(" ".repeat(10));
  return intact
    ? [lead, ui(`${glyphs.applied} intact: `, "ok"), ui(`the ${rows} row(s) are what they were`)]
    : [
        ui(`${glyphs.failed} changed since it was set aside: `, "bad"),
        ui("restore refuses it; export shows what it holds"),
      ];
}

/** What goes on, and how the last thing ended. */
function runLines(state: State, { width, height }: Area, look: Look): UiLine[] {
  const { recovery, recoveryResult, recoveryLabel } = state;
  if (recovery.phase === "idle") return [];
  const lines: UiLine[] = [];
  if (recovery.phase === "running") {
    const elapsed = formatDuration(state.now - (recovery.startedAt ?? state.now));
    lines.push([
      ui(` ${recoveryLabel ?? ""}`, "accent"),
      ui(`   ${elapsed}`, "dim"),
      ui(recovery.asked ? "   stopping" : "", "warn"),
    ]);
    for (const { index, kind, object, level, score, status } of recovery.steps.slice(-4)) {
      lines.push([
        ui("   "),
        sigilOf(status, look.glyphs),
        ui(` ${index} ${kind}  `),
        ui(object.replaceAll("\n", " "), "code"),
        ui("  "),
        riskTag(level, score),
      ]);
    }
  }
  if (recovery.phase === "done" && recoveryResult.status === "ready")
    lines.push([ui(` ${recoveryResult.value}`, "ok")]);
  if (recovery.phase === "done" && recoveryResult.status === "failed") {
    lines.push(...errorLines(recoveryResult.error, width, look.chrome));
  }
  if (lines.length === 0) return [];
  return [rule(width, look.chrome), ...scrolled(wrapAll(lines, width - 1, look.chrome), 0, Math.max(3, height >> 1))];
}
