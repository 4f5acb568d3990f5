/** Snapshots: the timeline to pick two from, then the models of both with what changed, one model beside them, its relations. */
import { plural } from "../../base/text.ts";
import { nameOfId, ruleOf } from "../../model/kinds.ts";
import { formatMoment } from "../../render/time.ts";
import type { Comparison, ModelRow, RelationRow } from "../comparison.ts";
import { cursorOf, modelRows, relationRows, selectedModel, snapshotRows } from "../lists.ts";
import { known, type SnapshotEntry, type State } from "../state.ts";
import { fit, type UiLine, wrapAll } from "../text.ts";
import { listLines } from "../widgets/list.ts";
import { type Area, beside, scrolled, ui } from "../widgets/panes.ts";
import { modelLines } from "./model.ts";
import { type Look, leftWidth, notThere } from "./screen.ts";

/** The snapshots screen. */
export function snapshotsView(state: State, area: Area, look: Look): UiLine[] {
  return state.pair === undefined ? timelineView(state, area, look) : pairView(state, area, look);
}

function timelineView(state: State, area: Area, look: Look): UiLine[] {
  const missing = notThere(state.readings.snapshots, "the snapshots", area, look);
  if (missing !== undefined) return missing;
  const rows = snapshotRows(state);
  const hint: UiLine =
    state.picked === undefined
      ? [
          ui(" pick two to compare: ", "dim"),
          ui("space", "key"),
          ui(" the first; "),
          ui("Enter", "key"),
          ui(" one against the one before it"),
        ]
      : [
          ui(" first: ", "dim"),
          ui(nameOf(rows, state.picked), "accent"),
          ui("   now the second: "),
          ui("Enter", "key"),
        ];
  if (rows.length === 0) return [hint, [], [ui("  no snapshot yet: one is kept after each migration", "dim")]];
  const list = listLines({
    length: rows.length,
    cursor: cursorOf(state, "snapshots", rows.length),
    width: area.width,
    height: area.height - 2,
    chrome: look.chrome,
    row: (at) => entryLine(rows[at] as SnapshotEntry, state.picked, area.width, look),
  });
  return [hint, [], ...list];
}

function nameOf(rows: readonly SnapshotEntry[], source: string): string {
  return rows.find((row) => row.source === source)?.name ?? source;
}

function entryLine(entry: SnapshotEntry, picked: string | undefined, width: number, { chrome }: Look): UiLine {
  const { source, name, phase, capturedAt, models, relations } = entry;
  const size = models === null ? "" : `${plural(models, "model")}, ${plural(relations ?? 0, "relation")}`;
  const when = capturedAt === null ? "" : formatMoment(capturedAt);
  const right = width < 100 ? size : `${when}   ${size}`;
  const left = fit(
    [
      ui(source === picked ? ` ${chrome.dot} ` : ` ${chrome.ring} `, source === picked ? "accent" : "dim"),
      ui(name),
      ui(`  ${phase}`, "dim"),
    ],
    Math.max(20, width - right.length - 2),
    chrome,
  );
  return [...left, ui(right, "dim")];
}

function pairView(state: State, area: Area, look: Look): UiLine[] {
  const missing = notThere(state.readings.comparison, "both schemas", area, look);
  const comparison = known(state.readings.comparison);
  if (missing !== undefined || comparison === undefined) return missing ?? [];
  const head = headLines(state, comparison, look);
  const body = { width: area.width, height: Math.max(3, area.height - head.length) };
  const model = selectedModel(state);
  if (state.isZoomed && model !== undefined) {
    const lines = modelLines(comparison, model, state.modelView, body.width - 2, look);
    return [...head, ...scrolled(lines, state.detailTop, body.height).map((content): UiLine => [ui(" "), ...content])];
  }
  const left = Math.min(leftWidth(body, 0.46), Math.max(36, comparison.widestName + 24));
  const right = body.width - left - 3;
  const rows = modelRows(state);
  const list =
    rows.length === 0
      ? [[ui(emptyWord(state, comparison), "dim")]]
      : listLines({
          length: rows.length,
          cursor: cursorOf(state, "models", rows.length),
          width: left,
          height: body.height,
          chrome: look.chrome,
          isFocused: state.relationsOf === undefined,
          row: (at) => modelLine(rows[at] as ModelRow, left, look),
        });
  const detail =
    model === undefined
      ? []
      : state.relationsOf === undefined
        ? scrolled(modelLines(comparison, model, state.modelView, right, look), state.detailTop, body.height)
        : relationLines(state, model, { width: right, height: body.height }, look);
  return [...head, ...beside(list, detail, body, left, look.chrome)];
}

function emptyWord(state: State, { rows }: Comparison): string {
  if (rows.length === 0) return " both are empty";
  if ((state.filters["models"] ?? "") !== "") return " no model has that in its name";
  return " nothing differs; c shows all models";
}

function headLines(state: State, { sizes, counts, rows }: Comparison, { glyphs }: Look): UiLine[] {
  const { before, after } = sizes;
  const isSame = rows.every(({ mark }) => mark === "same");
  return [
    [
      ui(
        ` ${before.models} ${glyphs.arrow} ${after.models} models   ${before.relations} ${glyphs.arrow} ${after.relations} relations   `,
      ),
      ui(`${glyphs.added}${counts.created} `, "ok"),
      ui(`${glyphs.removed}${counts.dropped} `, "bad"),
      ui(`${glyphs.altered}${counts.altered}`, "warn"),
      ui(isSame ? "   nothing differs" : "", "ok"),
      ui(state.isChangedOnly ? "   changed only" : "", "accent"),
    ],
    [],
  ];
}

function modelLine(
  { name, kind, mark, created, altered, dropped }: ModelRow,
  width: number,
  { glyphs, chrome }: Look,
): UiLine {
  const signs = {
    created: ui(glyphs.added, "ok"),
    dropped: ui(glyphs.removed, "bad"),
    altered: ui(glyphs.altered, "warn"),
    same: ui(" "),
  } as const;
  const counts: UiLine =
    mark === "created"
      ? [ui("new", "ok")]
      : mark === "dropped"
        ? [ui("gone", "bad")]
        : [
            ui(created > 0 ? `${glyphs.added}${created} ` : "", "ok"),
            ui(altered > 0 ? `${glyphs.altered}${altered} ` : "", "warn"),
            ui(dropped > 0 ? `${glyphs.removed}${dropped}` : "", "bad"),
          ];
  const right = fit(counts, 12, chrome);
  const label = kind === "table" ? "" : `${ruleOf(kind).label} `;
  return [
    ...fit([ui(" "), signs[mark], ui(" "), ui(label, "dim"), ui(name, "code")], Math.max(10, width - 13), chrome),
    ui(" "),
    ...right,
  ];
}

function relationLines(state: State, model: ModelRow, area: Area, look: Look): UiLine[] {
  const rows = relationRows(state);
  const to = rows.filter(({ direction }) => direction === "to").length;
  const head: UiLine[] = [
    [ui(model.name, "title")],
    [
      ui(`refers to ${to}, referred by ${rows.length - to}   `, "dim"),
      ui("Enter", "key"),
      ui(" jumps, "),
      ui("Esc", "key"),
      ui(" back"),
    ],
  ];
  if (rows.length === 0) return [...head, [ui("no relations", "dim")]];
  const list = listLines({
    length: rows.length,
    cursor: cursorOf(state, "relations", rows.length),
    width: area.width,
    height: area.height - head.length,
    chrome: look.chrome,
    row: (at) => relationLine(rows[at] as RelationRow, look),
  });
  return wrapAll(head, area.width, look.chrome).concat(list);
}

function relationLine({ direction, model, name, columns }: RelationRow, { glyphs, chrome }: Look): UiLine {
  const arrow = direction === "to" ? glyphs.arrow : chrome.ascii ? "<-" : "←";
  return [
    ui(` ${arrow} `, direction === "to" ? "accent" : "warn"),
    ui(nameOfId(model), "code"),
    ui(`  (${columns.join(", ")})  ${name}`, "dim"),
  ];
}
