/** Words of a command line that is shown to be typed or pasted: quoted for POSIX shells. Runs nothing. */

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that no terminal may be sent
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/**
 * A text as one word of a shell's command line: as it is where no shell would read it otherwise, else in single quotes.
 * With characters that could move a cursor or reorder text it is written `$'…'` with their bytes (bash, zsh, ksh).
 */
export function shellWord(text: string): string {
  if (plain.test(text)) return text;
  if (text.search(unprintable) < 0) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = text
    .replace(/[\\']/g, "\\$&")
    .replace(unprintable, (character) =>
      [...new TextEncoder().encode(character)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""),
    );
  return `$'${escaped}'`;
}

/** A command line that is safe to paste: every `${…}` becomes one word. */
export function commandLine(strings: TemplateStringsArray, ...words: readonly (string | number)[]): string {
  return strings.reduce((line, part, at) => `${line}${shellWord(String(words[at - 1] ?? ""))}${part}`);
}
