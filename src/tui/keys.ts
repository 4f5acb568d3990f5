/** Keys as they are written for people, and the table of all of them for the README. */
import { bindings } from "./bindings.ts";

const keyWords: Readonly<Record<string, string>> = {
  enter: "Enter",
  space: "Space",
  escape: "Esc",
  tab: "Tab",
  "S-tab": "Shift-Tab",
  home: "Home",
  end: "End",
  pageup: "PgUp",
  pagedown: "PgDn",
  backspace: "Backspace",
  f5: "F5",
};

const arrows: Readonly<Record<string, string>> = { up: "↑", down: "↓", left: "←", right: "→" };

/** A key as it is written for people: `Ctrl-C`, `↑`. */
export function keyWord(key: string, isAscii = false): string {
  const arrow = isAscii ? undefined : arrows[key];
  return arrow ?? keyWords[key] ?? key.replace(/^C-(.)$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`);
}

/** The table of all keys in Markdown, for the README. */
export function bindingsMarkdown(): string {
  const rows = bindings.flatMap(({ keys, help, on, toScreen }) => {
    if (toScreen !== undefined) return [];
    const where = on === undefined ? "everywhere" : on.join(", ");
    return [`| ${keys.map((key) => `\`${keyWord(key)}\``).join(" ")} | ${where} | ${help} |`];
  });
  const screens = bindings.flatMap(({ toScreen }) => toScreen ?? []);
  const numbers = `| \`1\` to \`${screens.length}\` | everywhere | to ${screens.join(", ")} |`;
  return ["| key | where | what it does |", "|---|---|---|", numbers, ...rows, ""].join("\n");
}

/** What stands around the table in the README. */
const marks = { begin: "<!-- keys: written by bun run screens --readme -->\n", end: "<!-- end of keys -->" } as const;

/** The README with the table of the bindings as they are. */
export function withBindings(readme: string): string {
  const from = readme.indexOf(marks.begin);
  const to = readme.indexOf(marks.end);
  if (from < 0 || to < from) throw new Error(`the README has no ${marks.begin.trim()}`);
  return `${readme.slice(0, from + marks.begin.length)}\n${bindingsMarkdown()}\n${readme.slice(to)}`;
}
