/** The reference of operation kinds, levels, reason codes, gates and modes that `zanith help ops` prints. */
import { groupBy } from "../base/ordered.ts";
import { type Family, families } from "../operation/define.ts";
import { gateNames } from "../risk/gates.ts";
import { type Level, reasonCodes, scores } from "../risk/levels.ts";
import { modeDefaults, modes } from "../risk/modes.ts";
import type { ProductKind } from "../risk/product-kinds.ts";
import { alignColumns } from "./columns.ts";
import { blank, indented, type Line, line, span } from "./line.ts";
import { riskTag } from "./steps.ts";

/** What the reference needs to know of a kind that this version can run. */
export interface BuiltKind {
  readonly kind: string;
  readonly family: Family;
  readonly product: boolean;
  readonly summary: string;
  readonly base: Level;
  readonly baseNote?: string;
}

/** A row of the reference. */
export interface OpsEntry extends BuiltKind {
  /** whether this version runs it */
  readonly built: boolean;
}

/** The product's kinds in their order, built or not, then ours as they are registered. */
export function opsEntries(product: readonly ProductKind[], built: readonly BuiltKind[]): OpsEntry[] {
  const byName = new Map(built.map((kind) => [kind.kind, kind]));
  return [
    ...product.map((kind): OpsEntry => {
      const own = byName.get(kind.kind);
      return own ? { ...pick(own), product: true, built: true } : { ...kind, product: true, built: false };
    }),
    ...built.filter((kind) => !kind.product).map((kind): OpsEntry => ({ ...pick(kind), built: true })),
  ];
}

function pick({ kind, family, product, summary, base, baseNote }: BuiltKind): BuiltKind {
  return { kind, family, product, summary, base, ...(baseNote === undefined ? {} : { baseNote }) };
}

/** The whole reference. */
export function renderOps(entries: readonly OpsEntry[]): Line[] {
  const product = entries.filter((entry) => entry.product);
  const ours = entries.filter((entry) => !entry.product);
  const later = product.filter(({ built }) => !built).length;
  return [
    line(
      span(`The ${product.length} operation kinds of the product`, "title"),
      later > 0 ? span(`   (${later} come later)`, "dim") : "",
    ),
    ...kindLines(product),
    ...(ours.length === 0 ? [] : [blank, line(span(`Further kinds (${ours.length})`, "title")), ...kindLines(ours)]),
    blank,
    line(span("Levels and scores", "title")),
    line(
      "  ",
      ...Object.entries(scores).flatMap(([level, score], index) => [
        span(index === 0 ? "" : "  "),
        riskTag(level, score),
      ]),
    ),
    line(span("  safe to destructive come from the operation; blocked from the live database", "dim")),
    blank,
    line(span(`Reason codes (${reasonCodes.length}), for --fail-on`, "title")),
    ...indented(inColumns(reasonCodes, 2), 2),
    blank,
    line(span("Gates, in order; all must pass", "title")),
    ...alignColumns(
      gateNames.map((gate) => [[span(gate)], [span(gateSummaries[gate], "dim")]]),
      [{ gap: 2 }, { gap: 3 }],
    ),
    blank,
    line(span("Modes", "title")),
    ...modeLines(),
  ];
}

function kindLines(entries: readonly OpsEntry[]): Line[] {
  const byFamily = groupBy(entries, ({ family }) => family);
  return families.flatMap((family) => {
    const members = byFamily.get(family) ?? [];
    if (members.length === 0) return [];
    const aligned = alignColumns(
      members.map(({ kind, base, summary, built }) => [
        [span(kind, built ? "plain" : "dim")],
        [riskTag(base, scores[base])],
        [span(summary, "dim"), ...(built ? [] : [span("   later", "warn")])],
      ]),
      [{ gap: 4, minWidth: kindWidth }, { gap: 2, minWidth: riskWidth }, { gap: 2 }],
    );
    return [
      line("  ", span(family, "accent"), span(` (${members.length})`, "dim")),
      ...members.flatMap(({ baseNote }, position) => [
        aligned[position] ?? [],
        ...(baseNote === undefined ? [] : [line(" ".repeat(4 + kindWidth + 2 + riskWidth + 4), span(baseNote, "dim"))]),
      ]),
    ];
  });
}

/** Columns of kind and risk in every family, so that the families line up with each other. */
const kindWidth = 23;
const riskWidth = 16;

function inColumns(names: readonly string[], count: number): Line[] {
  const height = Math.ceil(names.length / count);
  const rows = Array.from({ length: height }, (_, row) =>
    Array.from({ length: count }, (_, column) => [span(names[column * height + row] ?? "")]),
  );
  return alignColumns(
    rows,
    Array.from({ length: count }, (_, column) => ({ gap: column === 0 ? 0 : 3 })),
  );
}

const gateSummaries: Readonly<Record<(typeof gateNames)[number], string>> = {
  "max-risk": "no step scores above the ceiling (--max-risk)",
  "allow-destructive": "drops need consent (--allow-destructive); archiving and soft drops do not",
  "fail-on": "no step has one of the listed reason codes (--fail-on)",
  preflight: "live rows allow it: no duplicates, orphans, NULLs or rows in the way",
  verified: "verify said ok for exactly these operations on exactly this schema",
  drift: "the live schema is the last snapshot, the files are the ledger",
  confirm: "the database's name typed, or --yes",
};

function modeLines(): Line[] {
  const rows = modes.map((mode) => {
    const { maxRisk, requireVerified, requireConfirmation } = modeDefaults(mode);
    return [
      [span(mode)],
      [span(maxRisk === undefined ? "no ceiling" : `ceiling ${maxRisk}`)],
      [span(requireVerified ? "verified asked for" : "verified off", "dim")],
      [span(requireConfirmation ? "confirm asked for" : "confirm off", "dim")],
    ];
  });
  return alignColumns(rows, [{ gap: 2 }, { gap: 3 }, { gap: 3 }, { gap: 3 }]);
}
