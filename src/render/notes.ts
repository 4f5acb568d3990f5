/** Notes beside a result: what of the catalog is not modelled, which figures a plan did not have. */
import { groupBy } from "../base/ordered.ts";
import { plural } from "../base/text.ts";
import { type Line, line, outside, span } from "./line.ts";

export interface UnmodelledObject {
  readonly kind: string;
  readonly name: string;
}

/** Objects named per kind; the rest is counted. `--json` has them all. */
const shownNames = 5;

/** What the catalog holds and the graph does not model, by name: never passed over in silence. */
export function renderUnmodelled(objects: readonly UnmodelledObject[]): Line[] {
  if (objects.length === 0) return [];
  const lines: Line[] = [line(span(`not modelled yet (${plural(objects.length, "object")}), left alone:`, "warn"))];
  for (const [kind, members] of groupBy(objects, ({ kind }) => kind)) {
    const names = members.slice(0, shownNames).map(({ name }) => name);
    const rest = members.length - names.length;
    lines.push(line("  ", outside(`${kind}: ${names.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`, "dim")));
  }
  return lines;
}

/** Figures that risk was judged without. */
export function renderNotKnown(phrases: readonly string[]): Line[] {
  return phrases.map((phrase) =>
    line(span("not known: ", "warn"), outside(phrase.replace(/^not known:? */, ""), "dim")),
  );
}
