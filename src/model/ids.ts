/** Ids of objects, made from a kind and the parts of a name. Knows no kind. */
import { quoteIdent } from "../sql/identifier.ts";

/** The parts of a name as SQL writes them, outermost first. */
export function idPath(parts: readonly string[]): string {
  return parts.length === 1 ? quoteIdent(parts[0] as string) : parts.map(quoteIdent).join(".");
}
