/** Options as the server keeps those of text search dictionaries: `name = value, …` (serialize_deflist, the same in 14 to 18). */

/** One option, up to the comma after it: quoted names and values may hold commas themselves. */
const option = /\s*((?:"(?:[^"]|"")+"|[^\s"',=]+) = (?:E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|[^\s,]+))\s*(?:,|$)/gsy;

/** The options of a list, each as it reads there. Throws when the text is no such list. */
export function splitOptions(text: string): string[] {
  const options: string[] = [];
  option.lastIndex = 0;
  let at = 0;
  for (let found = option.exec(text); found !== null; found = option.exec(text)) {
    options.push(found[1] as string);
    at = option.lastIndex;
    if (at === text.length) break;
  }
  if (at !== text.length) throw new Error(`internal: unexpected options ${text}`);
  return options;
}

/** The name of an option, quoted as it reads. */
export function optionName(text: string): string {
  return text.slice(0, /^(?:"(?:[^"]|"")+"|[^\s"',=]+)/.exec(text)?.[0].length ?? 0);
}
