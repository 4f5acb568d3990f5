/** Recover: what was set aside instead of destroyed. Reads only; writing back has its own commands. */
import { renderTable } from "../../render/columns.ts";
import { cursorOf } from "../lists.ts";
import { known, type State } from "../state.ts";
import type { UiLine } from "../text.ts";
import { listLines } from "../widgets/list.ts";
import { type Area, ui } from "../widgets/panes.ts";
import { type Look, notThere } from "./screen.ts";

/** The recover screen. */
export function recoverView(state: State, area: Area, look: Look): UiLine[] {
  const missing = notThere(state.readings.artifacts, "what is recoverable", area, look);
  const artifacts = known(state.readings.artifacts);
  if (missing !== undefined || artifacts === undefined) return missing ?? [];
  const head: UiLine[] = [[ui(" live and not expiring", "title"), ui(`   ${artifacts.rows.length}`, "dim")], []];
  if (artifacts.rows.length === 0) {
    return [
      ...head,
      [ui("  nothing was set aside yet", "dim")],
      [],
      [ui("  archive and soft drop steps leave their rows here, with a count and a checksum", "dim")],
    ];
  }
  const [columns = [], dashes = [], ...rows] = renderTable(artifacts);
  const list = listLines({
    length: rows.length,
    cursor: cursorOf(state, "recover", rows.length),
    width: area.width - 2,
    height: Math.max(3, area.height - 4),
    chrome: look.chrome,
    row: (at) => rows[at] ?? [],
  });
  const behind = (content: UiLine): UiLine => [ui("  "), ...content];
  return [...head, behind(columns), behind(dashes), ...list.map(behind)];
}
