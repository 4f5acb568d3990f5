/** Looks a password up in the text of a .pgpass file. Does not read files or judge their permissions. */

/** What a line of the file must match. A Unix socket in the default directory is looked up as "localhost". */
export interface PasswordQuery {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * The password of the first matching line, or undefined. Lines are `host:port:database:user:password`; `*` matches
 * anything, backslash escapes `:` and `\`, `#` begins a comment line (libpq documentation, "The Password File").
 */
export function findPassword(text: string, query: PasswordQuery): string | undefined {
  const wanted = [query.host, String(query.port), query.database, query.user];
  for (const raw of text.replace(/^\ufeff/, "").split("\n")) {
    const line = raw.replace(/\r$/, "");
    if (line === "" || line.startsWith("#")) continue;
    const fields = splitLine(line);
    const password = fields[4]?.text;
    if (password === undefined || password === "") continue;
    if (wanted.every((value, index) => fields[index]?.any || fields[index]?.text === value)) return password;
  }
  return undefined;
}

interface Field {
  text: string;
  /** A bare star; an escaped one is only a star. */
  any: boolean;
}

function splitLine(line: string): Field[] {
  let field: Field = { text: "", any: false };
  const fields = [field];
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? "";
    if (character === ":" && fields.length < 5) {
      field = { text: "", any: false };
      fields.push(field);
      continue;
    }
    const escaped = character === "\\" && at + 1 < line.length;
    if (escaped) at++;
    field.text += line[at] ?? "";
    field.any = field.text === "*" && !escaped;
  }
  return fields;
}
