/** The questions of the recover screen: what a restore would run, what a purge would take away. Pure. */
import { riskTag } from "../render/steps.ts";
import { stepSql } from "../risk/plan.ts";
import type { RestorePlanned, RestoreResult } from "../usecase/recover/restore.ts";
import { type ArtifactRow, sourceOf } from "./artifact-rows.ts";
import type { Dialog } from "./state.ts";
import type { UiLine } from "./text.ts";
import { ui } from "./widgets/panes.ts";

/** What would run, in full: it is scrolled where there is more than fits. */
export function restoreDialog(planned: RestorePlanned, database: string): Dialog {
  const { artifact, lost } = planned;
  return {
    kind: "typed",
    purpose: "restore",
    target: artifact.id,
    title: `Restore ${sourceOf(artifact)}${artifact.rows === null ? "" : `, ${artifact.rows} row(s)`}?`,
    lines: [...lossLines(lost), ...stepLines(planned)],
    expected: database,
    typed: "",
    top: 0,
  };
}

function stepLines({ steps }: Pick<RestorePlanned, "steps">): UiLine[] {
  return steps.flatMap((step): UiLine[] => [
    [
      ui(`${step.index} ${step.kind}  `, "title"),
      ui(step.object.replaceAll("\n", " "), "code"),
      ui("  "),
      riskTag(step.level, step.score),
    ],
    ...stepSql(step)
      .split("\n")
      .map((text): UiLine => [ui("  "), ui(text, "sql")]),
  ]);
}

function lossLines(lost: RestorePlanned["lost"]): UiLine[] {
  if (lost.length === 0) return [];
  return [...lost.map(({ object, why }): UiLine => [ui("does not come back: ", "warn"), ui(`${object}: ${why}`)]), []];
}

/** Why a restore is not asked about. */
export function notRestoredDialog(
  result: Exclude<RestoreResult, { readonly status: "planned" }> | RestoreResult,
): Dialog {
  const name = sourceOf(result.artifact);
  if (result.status === "nothing to do") {
    return {
      kind: "message",
      title: `${name} is restored already`,
      lines: [[ui("nothing was changed", "dim")]],
      top: 0,
    };
  }
  return {
    kind: "message",
    title: `${name} cannot be restored: ${result.why ?? ""}`,
    lines: [
      ...result.blocked.map(({ object, why }): UiLine => [ui("in the way: ", "bad"), ui(`${object}: ${why}`)]),
      ...lossLines(result.lost),
      [ui("nothing was changed", "dim")],
      [ui("rename or drop what is in the way, or on the command line give another name with --as", "accent")],
    ],
    top: 0,
  };
}

/** Consent to rows being gone for good, by typing what they are of. */
export function purgeDialog(artifact: ArtifactRow): Dialog {
  const { type, rows, physical } = artifact;
  return {
    kind: "typed",
    purpose: "purge",
    target: artifact.id,
    title: `Purge ${sourceOf(artifact)}?`,
    lines: [
      [ui("what it holds is removed for good; nothing brings it back", "bad")],
      [],
      [ui("type     ", "dim"), ui(type)],
      [ui("rows     ", "dim"), ui(rows ?? "not counted")],
      [ui("rows in  ", "dim"), ui(physical, "code")],
    ],
    expected: sourceOf(artifact),
    typed: "",
    top: 0,
  };
}
