/** Ids of objects, made from a kind and the parts of a name. Knows no kind. */
import { quoteIdent } from "../sql/identifier.ts";

/** The parts of a name as SQL writes them, outermost first. */
export function idPath(parts: readonly string[]): string {
  let path = "";
  for (const part of parts) path = path === "" ? quoteIdent(part) : `${path}.${quoteIdent(part)}`;
  return path;
}
