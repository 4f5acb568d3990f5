/** History: the ledger, newest migration first, with every attempt at every step; and the six questions as tabs. */
import { renderTable } from "../../render/columns.ts";
import { riskTag, roleOfLevel, sigilOf } from "../../render/steps.ts";
import { formatDuration, formatMoment } from "../../render/time.ts";
import type { HistoryEntry, HistoryStep } from "../../usecase/history.ts";
import { cursorOf, type HistoryRow, historyRows } from "../lists.ts";
import { historyTabs, known, type State } from "../state.ts";
import { fit, type UiLine, type UiSpan, wrapAll } from "../text.ts";
import { listLines } from "../widgets/list.ts";
import { type Area, beside, scrolled, ui } from "../widgets/panes.ts";
import { type Look, leftWidth, notThere, riskWord } from "./screen.ts";

/** The history screen. */
export function historyView(state: State, area: Area, look: Look): UiLine[] {
  const body = { width: area.width, height: area.height - 2 };
  return [
    tabLine(state),
    [],
    ...(state.historyTab === "history" ? ledgerLines(state, body, look) : answerLines(state, body, look)),
  ];
}

function tabLine({ historyTab }: State): UiLine {
  return historyTabs.flatMap(
    (name): UiLine => [
      ui(" "),
      name === historyTab ? { text: ` ${name} `, role: "title", selected: true } : ui(` ${name} `, "dim"),
    ],
  );
}

function ledgerLines(state: State, area: Area, look: Look): UiLine[] {
  const missing = notThere(state.readings.history, "the ledger", area, look);
  if (missing !== undefined) return missing;
  const rows = historyRows(state);
  if (rows.length === 0) return [[ui("  nothing was applied here yet", "dim")]];
  const left = leftWidth(area, 0.58);
  const right = area.width - left - 3;
  const list = listLines({
    length: rows.length,
    cursor: cursorOf(state, "history", rows.length),
    width: left,
    height: area.height,
    chrome: look.chrome,
    row: (at) => rowLine(rows[at] as HistoryRow, left, look),
  });
  const selected = rows[cursorOf(state, "history", rows.length)];
  const details = selected === undefined ? [] : wrapAll(detailLines(selected, look), right, look.chrome);
  return beside(list, scrolled(details, state.detailTop, area.height), area, left, look.chrome);
}

function rowLine(row: HistoryRow, width: number, { glyphs, chrome }: Look): UiLine {
  const withRight = (left: UiLine, right: UiSpan): UiLine => [
    ...fit(left, Math.max(10, width - right.text.length - 1), chrome),
    ui(" "),
    right,
  ];
  if (row.type === "migration") {
    const { migration, appliedAt, worst } = row.entry;
    return withRight(
      [
        ui(row.isOpen ? (chrome.ascii ? "v " : "▾ ") : `${glyphs.marker} `, "accent"),
        appliedAt === null ? sigilOf("interrupted", glyphs) : sigilOf("applied", glyphs),
        ui(` ${migration}`, "title"),
      ],
      ui(riskWord(worst, width), roleOfLevel(worst.level)),
    );
  }
  const { index, kind, object, status, durationMs } = row.step;
  return withRight(
    [
      ui("   "),
      sigilOf(status, glyphs),
      ui(` ${String(index).padStart(2)} `, "dim"),
      ui(`${kind.padEnd(15)} `),
      ui(object, "code"),
    ],
    ui(durationMs === null || status === "refused" ? "" : formatDuration(durationMs), "dim"),
  );
}

function detailLines(row: HistoryRow, look: Look): UiLine[] {
  return row.type === "migration" ? entryLines(row.entry, look) : attemptLines(row.step, look);
}

function entryLines(
  { migration, appliedAt, worst, durationMs, steps, snapshot }: HistoryEntry,
  { glyphs }: Look,
): UiLine[] {
  const of = (...statuses: readonly string[]): number => steps.filter(({ status }) => statuses.includes(status)).length;
  return [
    [ui(migration, "title")],
    [appliedAt === null ? ui("tried, not complete", "warn") : ui(`applied ${formatMoment(appliedAt)}`)],
    [ui("worst "), riskTag(worst.level, worst.score), ui(`   ${formatDuration(durationMs)} in steps`, "dim")],
    [],
    [sigilOf("applied", glyphs), ui(` ${of("applied")} applied`)],
    [sigilOf("failed", glyphs), ui(` ${of("failed", "refused")} failed or refused`)],
    [sigilOf("interrupted", glyphs), ui(` ${of("interrupted", "rolled_back", "running")} interrupted or rolled back`)],
    ...(snapshot === undefined
      ? []
      : [[], [ui(`snapshot: ${snapshot.models} model(s), ${snapshot.relations} relation(s)`)]]),
    [],
    [ui("Enter", "key"), ui(" steps   "), ui("d", "key"), ui(" what it changed")],
  ];
}

function attemptLines(
  { kind, object, level, score, status, error, sql, startedAt, durationMs }: HistoryStep,
  { glyphs }: Look,
): UiLine[] {
  return [
    [ui(kind, "title"), ui("  "), ui(object, "code")],
    [
      sigilOf(status, glyphs),
      ui(` ${status}${durationMs === null || status === "refused" ? "" : ` after ${formatDuration(durationMs)}`}  `),
      riskTag(level, score),
    ],
    [ui(`started ${formatMoment(startedAt)}`, "dim")],
    ...(error === null
      ? []
      : [[], ...error.split("\n").map((text): UiLine => [ui(text, status === "applied" ? "dim" : "bad")])]),
    [],
    // The first line is how the ledger knows the operation again; people know it by its name above.
    ...sql
      .replace(/^-- op [0-9a-f]+ .*\n/, "")
      .split("\n")
      .map((text): UiLine => [ui(text, text.startsWith("-- ") ? "dim" : "sql")]),
  ];
}

function answerLines(state: State, area: Area, look: Look): UiLine[] {
  const missing = notThere(state.readings.audit, "the ledger", area, look);
  const answer = known(state.readings.audit);
  if (missing !== undefined || answer === undefined) return missing ?? [];
  const sql = answer.sql.split("\n").map((text): UiLine => [ui(`  ${text}`, "sql")]);
  const shownSql = state.isLogShown ? [[], [ui(" the SQL, to paste into psql", "title")], ...sql] : [];
  const head: UiLine[] = [[ui(` ${answer.title}`, "title")], []];
  if (answer.rows.length === 0) return [...head, [ui("  nothing", "ok")], ...shownSql];
  const [columns = [], dashes = [], ...rows] = renderTable(answer);
  const room = Math.max(3, area.height - head.length - 2 - Math.min(shownSql.length, area.height >> 1));
  const list = listLines({
    length: rows.length,
    cursor: cursorOf(state, state.historyTab, rows.length),
    width: area.width - 2,
    height: room,
    chrome: look.chrome,
    row: (at) => rows[at] ?? [],
  });
  const behind = (content: UiLine): UiLine => [ui("  "), ...content];
  return [...head, behind(columns), behind(dashes), ...list.map(behind), ...shownSql];
}
