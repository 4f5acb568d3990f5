/** Reads exported graphs: `.json` and `.json.gz` files, which may come from a stranger. */
import { type GraphDocument, graphFromJson } from "../model/json.ts";
import { documentLimits } from "../model/parse-json.ts";
import { readTextFile } from "./read-file.ts";

/**
 * The document in a file, plain or packed with gzip whatever its name says. The limit on its size holds for the unpacked
 * text and for the file.
 * @throws ToolError file_missing, file_unreadable, file_invalid, format_newer, format_invalid
 */
export async function readGraphFile(
  path: string,
  shown: string,
  limits: { readonly bytes: number } = documentLimits,
): Promise<GraphDocument> {
  return graphFromJson(await readTextFile(path, shown, { bytes: limits.bytes, gzip: true }), shown);
}
