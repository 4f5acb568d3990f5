/** What every screen is: a pure function of the state and the room it has. */

import type { ShownError } from "../../render/error.ts";
import { renderError } from "../../render/error.ts";
import type { Glyphs } from "../../render/glyphs.ts";
import type { Remote, State } from "../state.ts";
import { type Chrome, type UiLine, wrapAll } from "../text.ts";
import { type Area, ui } from "../widgets/panes.ts";

export interface Look {
  readonly glyphs: Glyphs;
  readonly chrome: Chrome;
}

export type ScreenView = (state: State, area: Area, look: Look) => readonly UiLine[];

/** What stands where something is still being read, or could not be; undefined once it is there. */
export function notThere(remote: Remote<unknown>, what: string, area: Area, { chrome }: Look): UiLine[] | undefined {
  switch (remote.status) {
    case "none":
    case "loading":
      return "value" in remote && remote.value !== undefined
        ? undefined
        : [[], [ui(`  reading ${what} ${chrome.ascii ? "..." : "…"}`, "dim")]];
    case "failed":
      return [[], ...errorLines(remote.error, area.width, chrome)];
    case "ready":
      return undefined;
  }
}

/** An error in the lines of the command line, wrapped. */
export function errorLines(error: ShownError, width: number, chrome: Chrome): UiLine[] {
  return wrapAll(renderError(error), width - 2, chrome).map((content) => [ui("  "), ...content]);
}

/** Cells of the left pane: wide enough to read names, never so wide that the right one is useless. */
export function leftWidth(area: Area, share = 0.55): number {
  return Math.max(30, Math.min(Math.floor(area.width * share), area.width - 36));
}

/** Rows of a pane that is narrower have no room for the word of a level; its score has the level's colour. */
const narrowPane = 56;

/** `medium 35`, or `35` where a row has no room for more. */
export function riskWord({ level, score }: { readonly level: string; readonly score: number }, width: number): string {
  const figure = String(score).padStart(2);
  return width < narrowPane ? figure : `${level} ${figure}`;
}
