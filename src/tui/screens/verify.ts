/** Verify: the four stages as they go by, the verdict, and what led to it; the locks that each step will take. */
import { unreachable } from "../../base/assert.ts";
import { lockPhrase } from "../../render/plan.ts";
import { riskTag, roleOfLevel, sigilOf } from "../../render/steps.ts";
import { formatDuration } from "../../render/time.ts";
import type { VerifyResult } from "../../usecase/verify.ts";
import type { VerifyFailure } from "../../verify/verify.ts";
import { cannotApply } from "../readiness.ts";
import type { RunView, StageView } from "../run-view.ts";
import { known, type State } from "../state.ts";
import { type UiLine, wrapAll } from "../text.ts";
import { type Area, beside, scrolled, ui } from "../widgets/panes.ts";
import { errorLines, type Look, leftWidth } from "./screen.ts";

/** The verify screen. */
export function verifyView(state: State, area: Area, look: Look): UiLine[] {
  const left = leftWidth(area, 0.42);
  const right = area.width - left - 3;
  const stages = stageLines(state.verify, state.now, look);
  const result = resultLines(state, right, look);
  return beside(
    [...stages, ...wrapAll(verdictLines(state, look), left, look.chrome)],
    scrolled(wrapAll(result, right, look.chrome), state.detailTop, area.height),
    area,
    left,
    look.chrome,
  );
}

function stageLines({ stages, phase, asked, shadowSteps, steps }: RunView, now: number, look: Look): UiLine[] {
  const lines: UiLine[] = [[], [ui(" a shadow of the live schema", "title")], [ui(" never of its data", "dim")], []];
  for (const stage of stages) {
    const elapsed = stage.status === "running" ? now - (stage.startedAt ?? now) : stage.durationMs;
    lines.push([
      ui(" "),
      stageSign(stage, look),
      ui(` ${stage.stage.padEnd(18)}`, stage.status === "waiting" ? "dim" : "plain"),
      ui(elapsed === undefined ? "" : formatDuration(elapsed), "dim"),
    ]);
    if (stage.stage === "apply on shadow" && (stage.status === "running" || shadowSteps > 0)) {
      const open = steps.filter(({ status }) => status === "pending").length;
      lines.push([ui(`     ${shadowSteps} of ${Math.max(open, shadowSteps)} steps`, "dim")]);
    }
  }
  if (asked !== undefined && phase === "running") lines.push([], [ui(" stopping; the shadow is removed", "warn")]);
  if (phase === "idle") lines.push([], [ui(" Enter", "key"), ui(" proves the pending migrations")]);
  return lines;
}

function stageSign({ status }: StageView, { glyphs }: Look): UiLine[number] {
  switch (status) {
    case "waiting":
      return ui(glyphs.open, "dim");
    case "running":
      return sigilOf("running", glyphs);
    case "passed":
      return sigilOf("applied", glyphs);
    case "failed":
      return sigilOf("failed", glyphs);
    default:
      return unreachable(status);
  }
}

function verdictLines(state: State, { glyphs }: Look): UiLine[] {
  const { verifyResult } = state;
  if (verifyResult.status !== "ready") return [];
  const { report, migrations, declared } = verifyResult.value;
  const isOk = report.verdict === "ok";
  return [
    [],
    [ui(" verdict  ", "dim"), ui(`${isOk ? glyphs.applied : glyphs.failed} ${report.verdict}`, isOk ? "ok" : "bad")],
    [ui(` ${migrations.length === 0 ? "nothing is pending" : migrations.join(", ")}`, "dim")],
    [ui(` compared with ${declared}`, "dim")],
    ...(report.unmodelled > 0 ? [[ui(` ${report.unmodelled} object(s) not modelled, not on the shadow`, "warn")]] : []),
    ...(isOk ? [[], ...nextLines(state)] : []),
  ];
}

function nextLines(state: State): UiLine[] {
  const why = cannotApply(state);
  if (why === undefined) return [[ui(" a", "key"), ui(" goes on to apply")]];
  return [[ui(" p", "key"), ui(" back to the plan: "), ui(why, "dim")]];
}

function resultLines(state: State, width: number, look: Look): UiLine[] {
  const { verifyResult } = state;
  if (verifyResult.status === "failed" && verifyResult.error.code === "interrupted") {
    return [
      [ui("verifying was stopped", "warn")],
      [],
      [ui("the shadow is removed; the live database was only read", "dim")],
      [ui("Enter", "key"), ui(" proves it again")],
    ];
  }
  if (verifyResult.status === "failed") return errorLines(verifyResult.error, width, look.chrome);
  if (verifyResult.status === "ready") {
    const special = reportLines(verifyResult.value, look);
    if (special.length > 0) return special;
  }
  return lockLines(state, look);
}

function reportLines({ report }: VerifyResult, look: Look): UiLine[] {
  if (report.failure !== undefined) return failureLines(report.failure);
  if (report.residual.length === 0) return [];
  return [
    [ui("still to be done to reach the declared schema", "title")],
    [],
    ...report.residual.map(
      ({ kind, object, level, score }): UiLine => [
        ui(`${look.glyphs.altered} ${kind}  `),
        ui(object, "code"),
        ui("  "),
        riskTag(level, score),
      ],
    ),
    [],
    [ui("the migrations do not lead to what is declared: generate what is missing, or correct the files", "accent")],
  ];
}

function failureLines({ migration, step, kind, object, sql, error, sqlstate }: VerifyFailure): UiLine[] {
  const where = step === undefined ? "the copy of the live schema" : `step ${step} of ${migration ?? ""}`;
  return [
    [ui(`${where} failed`, "title")],
    [ui([kind, object].filter((word) => word !== undefined).join(" "), "code")],
    [],
    ...error.split("\n").map((text): UiLine => [ui(text, "bad")]),
    [ui(sqlstate === undefined ? "" : `SQLSTATE ${sqlstate}`, "dim")],
    [],
    ...(sql ?? "").split("\n").map((text): UiLine => [ui(text, "sql")]),
  ];
}

/** What will be locked, by the plan: what proves nothing wrong shows what is to come. */
function lockLines(state: State, look: Look): UiLine[] {
  const migrations = known(state.readings.plan)?.migrations ?? [];
  if (migrations.length === 0) return [];
  return [
    [ui("locks per step when it is applied", "title")],
    ...migrations.flatMap(({ id, steps }): UiLine[] => [
      [],
      [ui(`${look.glyphs.marker} `, "accent"), ui(id)],
      ...steps.map(
        ({ index, kind, object, level, segments }): UiLine => [
          ui(`  ${String(index).padStart(2)} `, "dim"),
          ui(`${kind} `, roleOfLevel(level)),
          ui(`${object.replaceAll("\n", " ")}  `, "code"),
          ui(lockPhrase(segments), "dim"),
        ],
      ),
    ]),
  ];
}
