/** What resolve would record and what speaks against it, as lines. */
import { alignColumns } from "./columns.ts";
import type { Glyphs } from "./glyphs.ts";
import { type Line, line, outside, type Role, span } from "./line.ts";
import { objectSpan } from "./steps.ts";

interface ResolveView {
  readonly migration: string;
  readonly as: "applied" | "rolled_back";
  readonly step?: number;
  readonly steps: readonly {
    readonly index: number;
    readonly kind: string;
    readonly object: string;
    readonly ledger: string;
    readonly catalog: string;
    readonly known?: { readonly statement: string; readonly says: string; readonly fits?: "applied" | "rolled_back" };
    readonly recorded: boolean;
  }[];
  readonly contradictions: readonly string[];
  readonly settled: boolean;
}

const layout = [{ gap: 2 }, { gap: 1 }, { gap: 1 }, { gap: 2 }, { gap: 3 }, { gap: 3 }, { gap: 3 }] as const;

/** The steps with the ledger's word, the catalog's and what would be written; then what does not fit. */
export function renderResolve(plan: ResolveView, glyphs: Glyphs): Line[] {
  const { migration, as, step, steps, contradictions, settled } = plan;
  const subject = step === undefined ? "" : `step ${step} `;
  const word = as === "applied" ? "applied" : "rolled back";
  const wrong = as === "applied" ? "not there" : "there";
  const rows = steps.map(({ index, kind, object, ledger, catalog, recorded }) => [
    [span(recorded ? glyphs.altered : " ", "warn")],
    [span(String(index), "dim")],
    [outside(kind)],
    [objectSpan(object, glyphs)],
    [outside(`ledger: ${ledger.replace("_", " ")}`, "dim")],
    [span(`catalog: ${catalog}`, catalog === wrong || catalog === "in part" ? "bad" : ("dim" satisfies Role))],
    [span(recorded ? `${glyphs.arrow} ${word}` : "", "warn")],
  ]);
  return [
    line(
      span(`${glyphs.marker} `, "accent"),
      outside(migration, "title"),
      span(`   ${subject}to be marked as ${word}`, "warn"),
    ),
    ...alignColumns(rows, layout),
    ...steps.flatMap((one) => knownLines(one)),
    ...(settled
      ? [line("  ", span(`the ledger says so already: nothing to record`, "ok"))]
      : [
          line("  ", span("nothing of the migration is run: only the ledger is changed", "dim")),
          ...contradictions.map((text) => line("  ", span(`${glyphs.failed} `, "bad"), outside(text, "bad"))),
        ]),
  ];
}

/** What is known of a step whose effect the schema does not show, and the mark that says so. */
function knownLines({ index, known }: ResolveView["steps"][number]): Line[] {
  if (known === undefined) return [];
  const { statement, says, fits } = known;
  const mark = fits === undefined ? "look, then choose the mark" : `--mark-${fits.replace("_", "-")} fits`;
  return [
    line("  ", span(`step ${index}: `, "dim"), outside(statement)),
    line("    ", outside(says, "dim"), span("; ", "dim"), span(mark, fits === undefined ? "warn" : "accent")),
  ];
}
