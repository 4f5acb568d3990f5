/** Roles as terminal colours: the only place of the command line that knows escape codes. */
import type { Line, Role } from "../render/line.ts";

const codes: Readonly<Record<Role, string>> = {
  plain: "",
  title: "1",
  dim: "2",
  ok: "32",
  warn: "33",
  bad: "31",
  sql: "36",
  code: "",
  accent: "36",
  "level-safe": "32",
  "level-low": "36",
  "level-medium": "33",
  "level-high": "35",
  "level-destructive": "31",
  "level-blocked": "1;31",
};

/** Goes to the start of the line and empties it. */
export const eraseLine = "\r\u001b[2K";

/** The line with its colours. */
export function styledText(content: Line): string {
  return content
    .map(({ text, role }) => (codes[role] === "" || text === "" ? text : `\u001b[${codes[role]}m${text}\u001b[0m`))
    .join("");
}
