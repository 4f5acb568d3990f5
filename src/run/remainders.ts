/** What stopped attempts leave in the catalog: telling it from what others left, before a step begins. Removes nothing. */
import type { Session } from "../pg/session.ts";
import { type CatalogQuestion, type Segment, scriptOf } from "../sql/statement.ts";
import { isWritten, writtenOutcome } from "./written-outcome.ts";

export interface Remainder {
  /** what it is, with its name */
  readonly what: string;
  /** the statements that would clear it */
  readonly remove: string;
}

/** What a step that never began would take for its own remainder. */
export async function foreignRemainder(session: Session, segments: readonly Segment[]): Promise<Remainder | undefined> {
  for (const segment of segments) {
    const { leftover } = segment;
    if (leftover !== undefined && (await holds(session, leftover.found)))
      return { what: leftover.what, remove: scriptOf(leftover.remove) };
    if (!isWritten(segment)) continue;
    const outcome = await writtenOutcome(session, segment);
    if (outcome.state === "remainder")
      return { what: outcome.what, remove: outcome.remove.map(({ sql }) => `${sql};`).join(" ") };
  }
  return undefined;
}

/** The answer to a question to the catalog. */
export async function holds(session: Session, { sql, params }: CatalogQuestion): Promise<boolean> {
  const [row] = await session.rows(sql, [...params]);
  return row?.[0] === "t";
}
