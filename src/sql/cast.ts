/** Finds casts in expressions as Postgres prints them. */

/** `::type` with a schema, modifiers, time zone words and array brackets. Global: use with matchAll or replace. */
export const castPattern =
  /::\s*(?:"(?:[^"]|"")*"|[a-z_][\w$]*)(?:\.(?:"(?:[^"]|"")*"|[a-z_][\w$]*))?(?:\s+(?:varying|precision))?(?:\s*\(\s*-?\d+(?:\s*,\s*-?\d+)?\s*\))?(?:\s+with(?:out)?\s+time\s+zone)?(?:\[\d*\])*/gi;
