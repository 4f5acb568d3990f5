/**
 * The events of a run as they are shown: NDJSON lines with --json; otherwise outcomes of steps on stdout, and on stderr a
 * live line on a terminal or a note now and then elsewhere. Changes nothing about the run.
 */
import { plural } from "../base/text.ts";
import { block, type Line, line, outside, span } from "../render/line.ts";
import { lonelyStepWidths, renderSteps, type ShownStep, sigilOf } from "../render/steps.ts";
import { formatDuration, formatMoment } from "../render/time.ts";
import type { GateName } from "../risk/gates.ts";
import type { Blocker, Emit, RunEvent } from "../run/events.ts";
import type { Output } from "./output.ts";

export interface Progress {
  readonly emit: Emit;
  /** takes the live line away and stops its clock */
  stop(): void;
}

const tickMs = 200;

/** Gates that refuse a whole run; the step their refusal is recorded with has nothing to do with it. */
const gatesOfRuns: ReadonlySet<string> = new Set<GateName>(["verified", "drift", "confirm"]);

/** When a step that still runs is mentioned where no line can be rewritten, in milliseconds after its start; then hourly. */
const mentionsMs = [10_000, 60_000, 300_000, 900_000, 1_800_000];
const mentionEveryMs = 3_600_000;

interface Running {
  readonly content: Line;
  readonly since: number;
  mentions: number;
  /** the line before the figures of a backfill, and why that was held up when it last told */
  readonly stem?: Line;
  readonly reason?: string | null;
}

type BackfillEvent = Extract<RunEvent, { type: "backfill.progress" }>;

/** Shows events on an output. `streams`: the command's JSON form is one event per line. */
export function createProgress(
  output: Output,
  streams: boolean,
  now: () => number = () => performance.now(),
): Progress {
  if (output.json) return { emit: streams ? (event) => output.event(event) : () => {}, stop() {} };

  let running: Running | undefined;
  let timer: Timer | undefined;
  /** how many steps the migration has that is being applied */
  let steps = 1;
  const tick = (): void => {
    if (running === undefined) return;
    const elapsed = now() - running.since;
    if (output.isLive) {
      output.live(running.content, [span(`   ${formatDuration(elapsed)}`, "dim")]);
      return;
    }
    const at = mentionsMs[running.mentions] ?? mentionEveryMs * (running.mentions - mentionsMs.length + 1);
    if (elapsed < at) return;
    running.mentions++;
    output.note([[...running.content, span(`   still running after ${formatDuration(elapsed)}`, "dim")]]);
  };
  const start = (content: Line): void => {
    running = { content, since: now(), mentions: 0 };
    timer ??= setInterval(tick, output.isLive ? tickMs : 1_000);
    timer.unref();
    tick();
  };
  const stop = (): void => {
    running = undefined;
    clearInterval(timer);
    timer = undefined;
    output.live(undefined);
  };

  /** the line of a backfill takes the place of its step's; elsewhere it is said when the step would be mentioned */
  const showBackfill = (event: BackfillEvent): void => {
    if (running === undefined) return;
    const stem = running.stem ?? running.content;
    const isNews = running.reason !== event.reason;
    running = {
      ...running,
      stem,
      reason: event.reason,
      content: [...stem, span(`   ${backfillPhrase(event)}`, "dim")],
    };
    if (output.isLive) tick();
    else if (isNews && event.reason !== null) output.note([line("      ", outside(event.reason, "warn"))]);
  };

  const emit = (event: RunEvent): void => {
    switch (event.type) {
      case "migration.started":
        steps = event.steps;
        output.print([line(span(`${output.glyphs.marker} `, "accent"), outside(event.migration, "title"))]);
        return;
      case "step.started":
        start(runningLine(output, event.step, event.kind, event.object));
        return;
      case "step.finished":
      case "step.failed":
      case "step.refused":
        stop();
        if (event.type === "step.refused" && gatesOfRuns.has(event.gate)) return;
        output.print(renderSteps([shownStep(event)], output.glyphs, { widths: lonelyStepWidths(steps) }));
        return;
      case "step.interrupted":
        stop();
        output.print([
          line(
            "  ",
            sigilOf("interrupted", output.glyphs),
            outside(` ${event.step} ${event.kind}  ${event.object}`),
            span("   interrupted", "warn"),
          ),
        ]);
        return;
      case "backfill.progress":
        showBackfill(event);
        return;
      case "step.noted":
        output.note(block(event.message, "dim", 6));
        return;
      case "lock.held":
        output.note([line(span("another runner holds the lock: ", "warn"), outside(event.holder))]);
        return;
      case "lock.waited":
        output.note(lockLines(event));
        return;
      case "migration.finished":
        output.print([line("  ", span(`snapshot: ${event.models} model(s), ${event.relations} relation(s)`, "dim"))]);
        return;
      case "verify.stage":
        if (event.status === "started") start(line("  ", sigilOf("running", output.glyphs), ` ${event.stage}`));
        else stop();
        return;
      case "run.started":
      case "statement.sent":
      case "statement.finished":
      case "shadow.step":
        return;
    }
  };
  return { emit, stop };
}

function runningLine(output: Output, index: number, kind: string, object: string): Line {
  return line("  ", sigilOf("running", output.glyphs), outside(` ${index} ${kind}  ${object}`));
}

/** `120,000 of ~1,000,000 rows   48,200 rows/s   18.3 s left   paused: …`, as far as it is known. */
export function backfillPhrase(event: BackfillEvent): string {
  const { processed, total, rowsPerSecond, etaMs, reason } = event;
  const count = (rows: number): string => rows.toLocaleString("en-US");
  return [
    total === null ? `${count(processed)} rows` : `${count(processed)} of ~${count(total)} rows`,
    ...(rowsPerSecond === null ? [] : [`${count(rowsPerSecond)} rows/s`]),
    ...(reason !== null ? [reason] : etaMs === null ? [] : [`${formatDuration(etaMs)} left`]),
  ].join("   ");
}

/** A step as it ended; why one failed is told by the error that the run ends with. */
type StepEvent = Extract<RunEvent, { type: "step.finished" | "step.failed" | "step.refused" }>;

function shownStep(event: StepEvent): ShownStep {
  const { step: index, kind, object, level, score } = event;
  const common = { index, kind, object, level, score };
  switch (event.type) {
    case "step.finished":
      return { ...common, status: "applied", durationMs: event.durationMs };
    case "step.failed":
      return { ...common, status: "failed" };
    case "step.refused":
      return { ...common, status: "refused" };
  }
}

function lockLines({ attempt, attempts, waitedMs, blockers }: Extract<RunEvent, { type: "lock.waited" }>): Line[] {
  return [
    line(
      "      ",
      span(`waited ${formatDuration(waitedMs)} for a lock`, "warn"),
      span(` (try ${attempt} of ${attempts})`, "dim"),
    ),
    ...blockers.flatMap(blockerLines),
  ];
}

function blockerLines({ pid, user, application, state, since, query }: Blocker): Line[] {
  const who = [
    `blocked by pid ${pid}`,
    ...(application ? [`app=${application}`] : []),
    ...(user ? [`user=${user}`] : []),
    ...(state ? [state] : []),
    ...(since ? [`since ${formatMoment(since)}`] : []),
  ].join("  ");
  return [
    line("        ", outside(who)),
    ...(query === null ? [] : [line("          ", outside(query.split("\n", 1)[0] ?? "", "sql"))]),
  ];
}

/** `2 migrations applied`: the sentence a run ends with. */
export function countPhrase(count: number, participle: string): string {
  return `${plural(count, "migration")} ${participle}`;
}
