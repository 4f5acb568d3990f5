/** One model of two schemas: unified, side by side, or as SQL. */

import { ruleOf } from "../../model/kinds.ts";
import type { SchemaObject } from "../../model/object.ts";
import { describeObject, shortName } from "../../render/describe-object.ts";
import type { Comparison, Mark, ModelRow, PartRow } from "../comparison.ts";
import type { ModelView } from "../state.ts";
import { fit, type UiLine, type UiSpan, wrap, wrapAll } from "../text.ts";
import { ui } from "../widgets/panes.ts";
import type { Look } from "./screen.ts";

/** The lines of a model in one of the three views. */
export function modelLines(
  comparison: Comparison,
  model: ModelRow,
  view: ModelView,
  width: number,
  look: Look,
): UiLine[] {
  const relations = comparison.relations(model.id);
  const to = relations.filter(({ direction }) => direction === "to").length;
  const label = model.kind === "table" ? "" : `${ruleOf(model.kind).label} `;
  const head: UiLine[] = [
    [ui(label, "dim"), ui(model.name, "title"), ui(`   ${wordOf(model)}`, roleOfMark(model.mark))],
    model.kind === "table" ? [ui(`refers to ${to}, referred by ${relations.length - to}   ${view}`, "dim")] : [],
    [],
  ];
  switch (view) {
    case "unified":
      return [...wrapAll(head, width, look.chrome), ...unified(comparison.parts(model.id), width, look)];
    case "side":
      return [...wrapAll(head, width, look.chrome), ...sideBySide(comparison, model, width, look)];
    case "sql": {
      const sql = comparison.sql(model.id).split("\n");
      return [
        ...head,
        ...wrapAll(
          sql.map((text): UiLine => [ui(text, "sql")]),
          width,
          look.chrome,
        ),
      ];
    }
  }
}

function wordOf({ mark, created, altered, dropped }: ModelRow): string {
  switch (mark) {
    case "created":
      return "new";
    case "dropped":
      return "gone";
    case "same":
      return "";
    case "altered": {
      const parts = created + altered + dropped;
      return parts === 0 ? "changed" : `${parts} part${parts === 1 ? "" : "s"} changed`;
    }
  }
}

function roleOfMark(mark: Mark): UiSpan["role"] {
  return mark === "created" ? "ok" : mark === "dropped" ? "bad" : mark === "altered" ? "warn" : "dim";
}

function unified(parts: readonly PartRow[], width: number, { glyphs, chrome }: Look): UiLine[] {
  const widest = parts.reduce((most, part) => Math.max(most, nameOf(part).length), 0);
  const nameCells = Math.min(widest, Math.max(12, Math.floor(width * 0.4)));
  const lines = parts.flatMap((part): UiLine[] => {
    const role = part.mark === "same" ? "plain" : roleOfMark(part.mark);
    const sign = { created: glyphs.added, dropped: glyphs.removed, altered: glyphs.altered, same: " " }[part.mark];
    const lead: UiLine = [ui(`${sign} `, role), ...fit([ui(nameOf(part), role)], nameCells, chrome), ui("  ")];
    const { before, after } = part;
    if (part.mark !== "altered" || before === undefined || after === undefined) {
      const object = after ?? before;
      return [[...lead, ui(object === undefined ? "" : describeObject(object), role === "plain" ? "dim" : role)]];
    }
    const [old, now] = [describeObject(before), describeObject(after)];
    if (old === now) return [[...lead, ui(now), ui("  (comment or attributes)", "dim")]];
    return [[...lead, ui(old, "bad"), ui(` ${glyphs.arrow} `, "dim"), ui(now, "ok")]];
  });
  return wrapAll(lines, width, chrome);
}

function sideBySide({ a, b, parts }: Comparison, model: ModelRow, width: number, { chrome }: Look): UiLine[] {
  const half = Math.floor((width - 3) / 2);
  const pair = (left: UiLine, right: UiLine): UiLine[] => {
    const rows = [wrap(left, half, chrome), wrap(right, width - half - 3, chrome)] as const;
    return Array.from({ length: Math.max(rows[0].length, rows[1].length) }, (_, at) => [
      ...fit(rows[0][at] ?? [], half, chrome),
      ui(` ${chrome.wall} `, "border"),
      ...fit(rows[1][at] ?? [], width - half - 3, chrome),
    ]);
  };
  return [
    ...pair([ui(a, "dim")], [ui(b, "dim")]),
    ...parts(model.id).flatMap((part) => {
      const { before, after, mark } = part;
      return pair(
        before === undefined ? [] : cell(before, mark === "same" ? "plain" : "bad"),
        after === undefined ? [] : cell(after, mark === "same" ? "plain" : "ok"),
      );
    }),
  ];
}

function cell(object: SchemaObject, role: UiSpan["role"]): UiLine {
  const label = object.kind === "column" ? "" : `${ruleOf(object.kind).label} `;
  return [
    ui(label, "dim"),
    ui(`${shortName(object)} `, role),
    ui(describeObject(object), role === "plain" ? "dim" : role),
  ];
}

function nameOf({ before, after }: PartRow): string {
  const object = after ?? before;
  if (object === undefined) return "";
  return object.kind === "column" ? shortName(object) : `${ruleOf(object.kind).label} ${shortName(object)}`;
}
