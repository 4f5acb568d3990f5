/** Texts compared line by line. The only import of the `diff` package. */
import { diffArrays, structuredPatch } from "diff";

/** A row of two texts side by side; undefined where a side has nothing. */
export interface SideBySideRow {
  readonly left: string | undefined;
  readonly right: string | undefined;
  readonly changed: boolean;
}

/** Lines of context around a change. */
const context = 3;

/** The hunks of a unified diff of two texts, without file headers; empty when they are equal. */
export function unifiedHunks(before: readonly string[], after: readonly string[]): string[] {
  const patch = structuredPatch("a", "b", asText(before), asText(after), "", "", { context });
  return patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines.filter((text) => !text.startsWith("\\")),
  ]);
}

function asText(lines: readonly string[]): string {
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** Two texts as rows: equal lines face each other, a run of removed lines faces the run that came in its place. */
export function sideBySide(before: readonly string[], after: readonly string[]): SideBySideRow[] {
  const rows: SideBySideRow[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  const flush = (): void => {
    for (let at = 0; at < Math.max(removed.length, added.length); at++) {
      rows.push({ left: removed[at], right: added[at], changed: true });
    }
    removed = [];
    added = [];
  };
  for (const part of diffArrays([...before], [...after])) {
    if (part.removed) removed.push(...part.value);
    else if (part.added) added.push(...part.value);
    else {
      flush();
      for (const text of part.value) rows.push({ left: text, right: text, changed: false });
    }
  }
  flush();
  return rows;
}
