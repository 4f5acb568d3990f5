/** Apply: the steps live, who is waited for, how far a backfill or an index build is, and the SQL that was sent. */
import { plural } from "../../base/text.ts";
import { roleOfLevel, sigilOf } from "../../render/steps.ts";
import { formatDuration } from "../../render/time.ts";
import { cursorOf } from "../lists.ts";
import type { Asked, LockWait, RunView, StepView } from "../run-view.ts";
import { stepsOf } from "../run-view.ts";
import { known, type State } from "../state.ts";
import { type Chrome, fit, type UiLine, wrapAll } from "../text.ts";
import { backfillLines, indexLine } from "../widgets/bar.ts";
import { listLines } from "../widgets/list.ts";
import { type Area, rule, scrolled, ui } from "../widgets/panes.ts";
import { errorLines, type Look, notThere } from "./screen.ts";

/** The apply screen. */
export function applyView(state: State, area: Area, look: Look): UiLine[] {
  const run = state.apply;
  if (run.phase === "idle") {
    const missing = notThere(state.readings.plan, "the plan", area, look);
    if (missing !== undefined) return missing;
  }
  const steps = run.phase === "idle" ? plannedSteps(state) : run.steps;
  const head = headLines(state, run, steps, area.width, look);
  const foot = footLines(state, area, look);
  const room = Math.max(3, area.height - head.length - foot.length);
  const running = steps.findIndex(({ status }) => status === "running");
  const cursor = run.phase === "running" && running >= 0 ? running : cursorOf(state, "apply", steps.length);
  const kindCells = Math.min(widestKind, Math.max(...steps.map(({ kind }) => kind.length), 8));
  const list = listLines({
    length: steps.length,
    cursor,
    width: area.width,
    height: room,
    chrome: look.chrome,
    isFocused: run.phase !== "running",
    row: (at) => stepLine(steps[at] as StepView, kindCells, state.now, area.width, look),
  });
  while (list.length < room) list.push([]);
  return [...head, ...list, ...foot];
}

function plannedSteps(state: State): readonly StepView[] {
  return (known(state.readings.plan)?.migrations ?? []).flatMap(stepsOf);
}

function headLines(state: State, run: RunView, steps: readonly StepView[], width: number, look: Look): UiLine[] {
  const done = steps.filter(({ status }) => status === "applied").length;
  if (run.phase === "idle") {
    const count = known(state.readings.plan)?.migrations.length ?? 0;
    if (count === 0) return [[], [ui("  nothing is pending", "ok")], []];
    return [
      [ui(" ready to apply ", "title"), ui(`${plural(count, "migration")}, ${plural(steps.length - done, "step")}`)],
      [],
    ];
  }
  const current = steps.find(({ status }) => status === "running")?.migration ?? steps.at(-1)?.migration ?? "";
  const elapsed = (run.endedAt ?? state.now) - (run.startedAt ?? state.now);
  const right = `${run.phase === "running" ? `${done} of ${steps.length} steps` : plural(done, "step")}   ${clock(elapsed)} `;
  const left = fit([ui(` ${current}`, "title")], Math.max(10, width - right.length), look.chrome);
  return [[...left, ui(right, "dim")], []];
}

/** `01:42`, `1:05:09`: time that goes by. */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** Names of kinds are cut to this many cells at most, so that objects have room. */
const widestKind = 20;

function stepLine(step: StepView, kindCells: number, now: number, width: number, { glyphs, chrome }: Look): UiLine {
  const elapsed = step.status === "running" ? now - (step.startedAt ?? now) : step.durationMs;
  const time = elapsed === undefined ? "" : formatDuration(elapsed);
  const risk = `${step.level} ${step.score}`;
  const right = ` ${risk.padEnd(15)}${time.padStart(11)} `;
  const left = fit(
    [
      ui(" "),
      sigilOf(step.status, glyphs),
      ui(` ${String(step.index).padStart(2)}  `, "dim"),
      ui(`${step.kind.padEnd(kindCells)} `, step.status === "pending" ? "dim" : "plain"),
      ui(step.object.replaceAll("\n", " "), step.status === "pending" ? "dim" : "code"),
      ui(step.error === undefined ? "" : `   ${step.error.split("\n", 1)[0] ?? ""}`, "bad"),
    ],
    Math.max(10, width - right.length),
    chrome,
  );
  return [...left, ui(right.slice(0, 16), roleOfLevel(step.level)), ui(right.slice(16), "dim")];
}

function footLines(state: State, area: Area, look: Look): UiLine[] {
  const { apply: run } = state;
  const { width } = area;
  const lines: UiLine[] = [];
  if (run.lockHolder !== undefined) lines.push([ui(" another runner holds the lock: ", "warn"), ui(run.lockHolder)]);
  if (run.backfill !== undefined) lines.push(...behind(backfillLines(run.backfill, width - 6, look.chrome)));
  if (run.index !== undefined) lines.push(...behind([indexLine(run.index, width - 6, look.chrome)]));
  if (run.lockWait !== undefined) lines.push(...lockWaitLines(state, run.lockWait, look.chrome));
  const note = run.steps.findLast(({ status }) => status === "running")?.note;
  if (note !== undefined && run.phase === "running") lines.push([ui(` ${note}`, "dim")]);
  if (run.pausing !== undefined && run.phase === "running") {
    lines.push([ui(run.pausing === "pause" ? " pausing before the next batch" : " going on", "warn")]);
  }
  if (run.asked !== undefined && run.phase === "running") lines.push([ui(` ${askedWords[run.asked]}`, "warn")]);
  lines.push(...outcomeLines(state, width, look));
  const rows = Math.max(3, Math.floor(area.height * 0.4));
  const shown = state.isLogShown ? logLines(run, width, look.chrome) : scrolled(lines, state.detailTop, rows);
  if (shown.length === 0) return [];
  const title: UiLine = state.isLogShown ? [ui(`SQL that was sent, ${run.log.length}`, "title")] : [];
  return [
    rule(width, look.chrome, title),
    ...(state.isLogShown ? scrolled(shown, logTop(state, shown, rows), rows) : shown),
  ];
}

const askedWords: Readonly<Record<Asked, string>> = {
  step: "stopping after this step",
  stop: "stopping after the statement or batch that runs; once more cancels it",
  cancel: "cancelling the statement",
};

/** The log shows its end; scrolling goes back from there. */
function logTop(state: State, lines: readonly UiLine[], rows: number): number {
  return Math.max(0, lines.length - rows - state.detailTop);
}

function behind(lines: readonly UiLine[]): UiLine[] {
  return lines.map((content): UiLine => [ui("      "), ...content]);
}

function lockWaitLines({ apply, now, epoch }: State, wait: LockWait, chrome: Chrome): UiLine[] {
  const object = apply.steps.find(({ status }) => status === "running")?.object ?? "";
  const lines: UiLine[] = [
    [
      ui(wait.isResting ? " between two tries for a lock" : " waiting for a lock", "warn"),
      ui(object === "" ? "" : `: ${object}`, "warn"),
      ui(wait.isResting ? "" : `, ${formatDuration(wait.waitedMs)}`, "warn"),
      ui(wait.attempts > 1 ? `   try ${wait.attempt} of ${wait.attempts}` : "", "dim"),
    ],
  ];
  for (const { pid, user, application, state, since, query } of wait.blockers.slice(0, 3)) {
    const who = [
      application === null ? undefined : `app=${application}`,
      user === null ? undefined : `user=${user}`,
      since === null
        ? (state ?? undefined)
        : `${state ?? ""} for ${formatDuration(now + epoch - Date.parse(since))}`.trim(),
    ].filter((part) => part !== undefined);
    lines.push([ui("   blocked by "), ui(`pid ${pid}`, "title"), ui(`  ${who.join("  ")}`)]);
    if (query !== null) lines.push([ui(`     ${query.split("\n", 1)[0] ?? ""}`, "sql")]);
  }
  const gap = chrome.ascii ? "  -  " : "  ·  ";
  const canBackOff = wait.attempts > 1;
  lines.push([
    ui(canBackOff ? "   wait: it tries again by itself" : "   wait: reads and writes go on meanwhile", "dim"),
    ...(canBackOff && wait.isResting !== true
      ? [ui(gap, "dim"), ui("b", "key"), ui(" let them go first, try again in 15 s", "dim")]
      : []),
    ui(gap, "dim"),
    ui("x", "key"),
    ui(" cancel now", "dim"),
  ]);
  return lines;
}

function outcomeLines(state: State, width: number, { glyphs, chrome }: Look): UiLine[] {
  const { applyResult, apply } = state;
  if (applyResult.status === "failed") {
    const { code, next, ...error } = applyResult.error;
    if (code !== "interrupted") return errorLines(applyResult.error, width, chrome);
    const goesOn = [ui("    "), ui("Enter", "key"), ui(" goes on from there; so does "), ui(next ?? "", "code")];
    return [...errorLines({ ...error, code, next: null }, width, chrome), goesOn];
  }
  if (applyResult.status !== "ready") return [];
  const { applied, refused, plan } = applyResult.value;
  if (refused !== undefined) {
    return wrapAll(
      [
        [ui(` ${glyphs.failed} refused by gate ${refused.gate.gate}`, "bad"), ui(`   ${refused.migration}`)],
        [ui(`   ${refused.gate.why}`)],
        ...(refused.gate.how === undefined ? [] : [[ui(`   ${glyphs.arrow} ${refused.gate.how}`, "accent")]]),
        [ui("   nothing was changed by this step; the refusal is recorded", "dim")],
      ],
      width - 1,
      chrome,
    );
  }
  if (applied.length === 0) return [[ui(" nothing was pending", "ok")]];
  const took = formatDuration((apply.endedAt ?? 0) - (apply.startedAt ?? 0));
  return [
    [ui(` ${glyphs.applied} ${plural(applied.length, "migration")} applied`, "ok"), ui(`   ${took}`, "dim")],
    ...applied.map(
      ({ migration, models, relations }): UiLine => [
        ui(`   ${migration}`),
        ui(`   snapshot: ${models} model(s), ${relations} relation(s)`, "dim"),
      ],
    ),
    ...(plan.held === undefined
      ? []
      : [
          [
            ui(`   ${plan.held.migration}`),
            ui(" waits: apply again once the old version of the application is gone", "warn"),
          ],
        ]),
    [ui("   5", "key"), ui(" history, and there "), ui("d", "key"), ui(" what it changed")],
  ];
}

function logLines({ log }: RunView, width: number, chrome: Chrome): UiLine[] {
  if (log.length === 0) return [[ui("  nothing was sent yet", "dim")]];
  return log.flatMap(({ step, sql, times, durationMs }) =>
    wrapAll(
      sql
        .split("\n")
        .map(
          (text, at): UiLine => [
            ui(at === 0 ? ` ${String(step).padStart(2)}  ` : "     ", "dim"),
            ui(text, "sql"),
            ...(at === 0 && times > 1 ? [ui(`   ${chrome.ascii ? "x" : "×"} ${times}`, "accent")] : []),
            ...(at === 0 && durationMs !== undefined ? [ui(`   ${formatDuration(durationMs)}`, "dim")] : []),
          ],
        ),
      width - 1,
      chrome,
    ),
  );
}
