/** The questions of the recover screen: what a restore would run, what a purge would take away. Pure. */
import { readDuration } from "../base/duration.ts";
import { commandLine } from "../base/shell.ts";
import { plural } from "../base/text.ts";
import { riskTag } from "../render/steps.ts";
import { stepSql } from "../risk/plan.ts";
import { maxIdentifierBytes } from "../sql/identifier.ts";
import type { ReseedPlanned, ReseedResult } from "../usecase/recover/reseed.ts";
import type { RestorePlanned, RestoreResult } from "../usecase/recover/restore.ts";
import { type ArtifactRow, sourceOf, stateOf } from "./artifact-rows.ts";
import type { Dialog } from "./state.ts";
import type { UiLine } from "./text.ts";
import { ui } from "./widgets/panes.ts";

/** What would run, in full: it is scrolled where there is more than fits. */
export function restoreDialog(planned: RestorePlanned, database: string, as?: string): Dialog {
  const { artifact, lost } = planned;
  return {
    kind: "typed",
    purpose: "restore",
    target: artifact.id,
    title: `Restore ${sourceOf(artifact)}${as === undefined ? "" : ` as ${as}`}${artifact.rows === null ? "" : `, ${artifact.rows} row(s)`}?`,
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
      [ui("rename or drop what is in the way, or bring it back under another name with a", "accent")],
    ],
    top: 0,
  };
}

/** Asks for the name that something comes back under. */
export function nameDialog(artifact: ArtifactRow): Dialog {
  return {
    kind: "typed",
    purpose: "restore-as",
    target: artifact.id,
    title: `Restore ${sourceOf(artifact)} under another name`,
    lines: [[ui("what would be run is shown before anything is changed", "dim")]],
    expected: "",
    asks: {
      what: `the new name of the ${artifact.column === null ? "table" : "column"}, without its ${artifact.column === null ? "schema" : "table"}`,
      wrong: `a name has 1 to ${maxIdentifierBytes} bytes`,
    },
    typed: "",
    top: 0,
  };
}

/** What a reseed found and would run. */
export function reseedDialog(planned: ReseedPlanned, database: string): Dialog {
  const { artifact, counts } = planned;
  const { archived, matched, missing, conflicting, filled } = counts;
  return {
    kind: "typed",
    purpose: "reseed",
    target: artifact.id,
    title: `Fill ${plural(filled, "row")} of ${sourceOf(artifact)} again?`,
    lines: [
      [ui(`${archived} archived value(s): ${matched} matched, ${missing} missing, ${conflicting} conflicting`)],
      ...(conflicting === 0
        ? []
        : [
            [
              ui("rows that hold another value keep it; to replace them: ", "warn"),
              ui(commandLine`zanith recover reseed ${artifact.id} --all`, "accent"),
            ],
          ]),
      [],
      ...stepLines(planned),
    ],
    expected: database,
    typed: "",
    top: 0,
  };
}

/** Why there is nothing to fill. */
export function notReseededDialog({ artifact, counts, why }: ReseedResult): Dialog {
  const { archived, matched, missing, conflicting } = counts;
  return {
    kind: "message",
    title: `no row of ${sourceOf(artifact)} is to be filled${why === undefined ? "" : `: ${why}`}`,
    lines: [
      [ui(`${archived} archived value(s): ${matched} matched, ${missing} missing, ${conflicting} conflicting`)],
      [ui("nothing was changed", "dim")],
    ],
    top: 0,
  };
}

/** Asks how old what is cleaned up has to be. */
export function ageDialog(): Dialog {
  return {
    kind: "typed",
    purpose: "cleanup-age",
    title: "Clean up what was set aside longer ago than",
    lines: [
      [ui("what has an expiry date that is still to come stays, whatever its age", "dim")],
      [ui("all that would go is shown before anything is removed", "dim")],
    ],
    expected: "",
    asks: { what: "a time such as 30d or 12h, or nothing for what has expired", wrong: "that is no such time" },
    typed: "",
    top: 0,
  };
}

/** All that a cleanup would remove, or that there is none. */
export function cleanupDialog(artifacts: readonly ArtifactRow[], database: string): Dialog {
  if (artifacts.length === 0) {
    return {
      kind: "message",
      title: "there is nothing to clean up",
      lines: [[ui("nothing was changed", "dim")]],
      top: 0,
    };
  }
  return {
    kind: "typed",
    purpose: "cleanup",
    title: `Remove ${plural(artifacts.length, "artifact")} for good?`,
    lines: [
      [ui("nothing brings their rows back", "bad")],
      [],
      ...artifacts.map(
        (artifact): UiLine => [
          ui(sourceOf(artifact), "code"),
          ui(
            `   ${artifact.type}, ${artifact.rows === null ? "rows not counted" : `${artifact.rows} row(s)`}, ${stateOf(artifact)}`,
            "dim",
          ),
        ],
      ),
    ],
    expected: database,
    typed: "",
    top: 0,
  };
}

/** Whether what was typed is an answer to the question. */
export function isAnswer({ purpose, typed, expected }: Extract<Dialog, { kind: "typed" }>): boolean {
  if (purpose === "cleanup-age") return typed === "" || readDuration(typed) !== undefined;
  if (purpose === "restore-as") return typed !== "" && Buffer.byteLength(typed) <= maxIdentifierBytes;
  return typed === expected;
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
