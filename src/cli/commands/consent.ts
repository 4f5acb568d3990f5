/** The typed confirmation that the gate confirm asks for, where a person is there to give it. */
import { plural } from "../../base/text.ts";
import type { Line } from "../../render/line.ts";
import type { Call } from "../command.ts";
import { askTyped, canAsk } from "../prompts.ts";

/**
 * A question to the person at the terminal, or undefined where nobody can answer. The plan is shown first; the name of
 * the database has to be typed.
 */
export function consentOf<P>(
  { io, globals, output }: Call,
  database: () => string,
  show: (plan: P) => { readonly lines: readonly Line[]; readonly migrations: number; readonly verb: string },
): ((plan: P) => Promise<boolean>) | undefined {
  if (!canAsk(io, globals)) return undefined;
  return async (plan) => {
    const { lines, migrations, verb } = show(plan);
    output.note(lines);
    const name = database();
    const asked = await askTyped(io, `Type ${name} to ${verb} ${plural(migrations, "migration")}`, name);
    return "answer" in asked && asked.answer;
  };
}
