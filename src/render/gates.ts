/** The seven gates as a checklist: what passes, what does not, why, and what would pass it. */
import type { GateResult, OffendingRows } from "../risk/gates.ts";
import { alignColumns, renderTable } from "./columns.ts";
import type { Glyphs } from "./glyphs.ts";
import { indented, type Line, line, outside, type Span, span } from "./line.ts";

/** The checklist, a line per gate; below a gate that refuses: the rows in the way and what passes it. */
export function renderGates(gates: readonly GateResult[], glyphs: Glyphs, indent = 2): Line[] {
  const aligned = alignColumns(
    gates.map((gate) => [
      [sigil(gate.status, glyphs)],
      [span(gate.gate, gate.status === "failed" ? "bad" : "plain")],
      [outside(reasonOf(gate), gate.status === "off" || gate.status === "passed" ? "dim" : "plain")],
    ]),
    [{ gap: indent }, { gap: 1 }, { gap: 2 }],
  );
  return gates.flatMap((gate, position) => {
    const own = aligned[position] ?? [];
    if (gate.status !== "failed" && gate.status !== "pending") return [own];
    const lead = " ".repeat(indent + 2);
    const rows = (gate.offending ?? []).flatMap((found) => renderOffendingRows(found, glyphs, indent + 2));
    if (rows.length > 0 || gate.how === undefined) return [own, ...rows];
    return [own, line(lead, span(`${glyphs.arrow} `, "dim"), outside(gate.how, "accent"))];
  });
}

/** With rows below it, a gate's own line only says which steps they are about. */
function reasonOf({ why, offending = [] }: GateResult): string {
  if (offending.length === 0) return why;
  const steps = [...new Set(offending.map(({ step }) => step))];
  return `rows are in the way of ${steps.length === 1 ? "step" : "steps"} ${steps.join(", ")}`;
}

/** What a probe found: its question, the rows as a table, and what can be done about them. */
function renderOffendingRows(found: OffendingRows, glyphs: Glyphs, indent: number): Line[] {
  const { step, question, columns, rows, advice } = found;
  const lead = " ".repeat(indent);
  return [
    line(lead, span(`step ${step}: `, "dim"), outside(question, "warn")),
    ...(columns.length === 0 ? [] : indented(renderTable({ columns, rows }), indent + 2)),
    line(lead, span(`${glyphs.arrow} `, "dim"), outside(advice, "accent")),
  ];
}

function sigil(status: GateResult["status"], glyphs: Glyphs): Span {
  switch (status) {
    case "passed":
      return span(glyphs.applied, "ok");
    case "failed":
      return span(glyphs.failed, "bad");
    case "off":
    case "pending":
      return span(glyphs.open, "dim");
  }
}
