/** Keys as they are written for people, and the table of all of them for the README. */
import { bindings } from "./bindings.ts";

const keyWords: Readonly<Record<string, string>> = {
  enter: "Enter",
  space: "Space",
  escape: "Esc",
  tab: "Tab",
  "S-tab": "Shift-Tab",
};

/** A key as it is written for people: `Ctrl-C`. */
export function keyWord(key: string): string {
  return keyWords[key] ?? key.replace(/^C-(.)$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`);
}

/** The table of all keys in Markdown, for the README. */
export function bindingsMarkdown(): string {
  const rows = bindings.map(({ keys, help, on }) => {
    const where = on === undefined ? "everywhere" : on.join(", ");
    return `| ${keys.map((key) => `\`${keyWord(key)}\``).join(" ")} | ${where} | ${help} |`;
  });
  return ["| key | where | what it does |", "| --- | --- | --- |", ...rows, ""].join("\n");
}
