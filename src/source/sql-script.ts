/** The statements of a .sql migration, as they stand in the file. Each one becomes an operation of its own. */
import { parseScript } from "./script.ts";

/** Cuts a script into statements by Postgres's own grammar. @throws ToolError sql_invalid with file, line and column */
export async function splitScript(text: string, file: string): Promise<{ readonly text: string }[]> {
  const statements: { readonly text: string }[] = [];
  for await (const { start, end } of parseScript({ file, text })) {
    const statement = text.slice(start, end).trim();
    if (statement !== "") statements.push({ text: statement });
  }
  return statements;
}
