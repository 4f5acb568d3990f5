/** Home: which database this is, what is unfinished, what is pending, whether it drifted, and what can be done next. */
import { plural } from "../../base/text.ts";
import { roleOfLevel, sigilOf } from "../../render/steps.ts";
import { formatMoment } from "../../render/time.ts";
import type { BackfillView } from "../../usecase/backfills.ts";
import type { PlannedMigration } from "../../usecase/plan.ts";
import type { StatusResult } from "../../usecase/status.ts";
import { cursorOf } from "../lists.ts";
import { stoppedBetween } from "../readiness.ts";
import { known, type State } from "../state.ts";
import type { UiLine } from "../text.ts";
import { formatCount } from "../widgets/bar.ts";
import { listLines } from "../widgets/list.ts";
import { type Area, ui } from "../widgets/panes.ts";
import { type Look, notThere } from "./screen.ts";

/** Lines that the list of pending migrations gets at least. */
const leastRows = 3;

/** The home screen. */
export function homeView(state: State, area: Area, look: Look): UiLine[] {
  const missing = notThere(state.readings.status, "the ledger and the live schema", area, look);
  const status = known(state.readings.status);
  if (missing !== undefined || status === undefined) return missing ?? [];
  const head: UiLine[] = [...unfinishedLines(state, status, look), [], ...factLines(status, look), []];
  const menu = menuLines(state, look);
  const pending = known(state.readings.plan)?.migrations;
  const room = Math.max(leastRows, area.height - head.length - menu.length - 2);
  return [...head, ...pendingLines(state, status, pending, { width: area.width, height: room }, look), [], ...menu];
}

/** Unfinished steps that are shown; the rest is counted. */
const shownUnfinished = 3;

/** What an earlier run left: each step with why it ended, and where its backfill stands. */
function unfinishedLines(state: State, status: StatusResult, { glyphs }: Look): UiLine[] {
  const { unfinished, runner } = status;
  const lines: UiLine[] = [];
  if (runner !== undefined) {
    const who = [runner.user, runner.application].filter((part) => part !== null).join(", ");
    lines.push([ui(" running now ", "warn"), ui(`pid ${runner.pid}  ${who}`)]);
  }
  for (const { migration, step, kind, object, status: last, error } of unfinished.slice(0, shownUnfinished)) {
    const failed = last === "failed" || last === "refused";
    const role = failed ? "bad" : "warn";
    lines.push([
      ui(" "),
      ui(failed ? glyphs.failed : glyphs.unfinished, role),
      ui(` step ${step} ${kind} `),
      ui(object, "code"),
      ui(`  of ${migration}`, "dim"),
    ]);
    const backfill = known(state.readings.backfills)?.find((one) => one.migration === migration && one.step === step);
    const place = backfill === undefined || backfill.status === "done" ? "" : placeOf(backfill);
    const why = error === null ? (place === "" ? last : "") : error.startsWith(last) ? error : `${last}: ${error}`;
    lines.push([
      ui("   "),
      ui(place),
      ui(place === "" || why === "" ? "" : "; "),
      ui(why.split("\n", 1)[0] ?? "", role),
    ]);
  }
  const more = unfinished.length - shownUnfinished;
  if (more > 0) lines.push([ui(`   and ${more} more under 5`, "dim")]);
  for (const { id, applied, steps } of stoppedBetween(status)) {
    lines.push([
      ui(" "),
      ui(glyphs.unfinished, "warn"),
      ui(` ${id}  `),
      ui(`stopped after ${applied} of ${plural(steps, "step")}`, "warn"),
    ]);
  }
  if (lines.length > 0 && runner === undefined) {
    lines.push([ui("   "), ui("c", "key"), ui(" continues where it stopped")]);
  }
  return lines.length === 0 ? [] : [[], ...lines];
}

/** `paused at 41 %, 1.2 M of 3.0 M rows`: where a backfill stands. */
function placeOf({ status, processed, total }: BackfillView): string {
  const rows =
    total === null ? `${formatCount(processed)} rows` : `${formatCount(processed)} of ${formatCount(total)} rows`;
  const share =
    total === null || total === 0 ? "after " : `at ${Math.min(100, Math.floor((processed / total) * 100))} %, `;
  return `${status} ${share}${rows}`;
}

function factLines(
  { database, applied, drift, problems, models, relations }: StatusResult,
  { glyphs }: Look,
): UiLine[] {
  const last = applied.at(-1);
  const fact = (name: string, ...rest: UiLine): UiLine => [ui(` ${name.padEnd(10)}`, "dim"), ...rest];
  return [
    fact("schema", ui(database.name, "title"), ui(`   ${plural(models, "model")}, ${plural(relations, "relation")}`)),
    last === undefined
      ? fact("ledger", ui("nothing was applied here yet", "dim"))
      : fact("ledger", ui(last.id), ui(`   applied ${formatMoment(last.appliedAt)}   ${applied.length} in all`, "dim")),
    ...(problems.length === 0
      ? []
      : [fact("files", ui(`${glyphs.failed} `, "bad"), ui(problems[0]?.message ?? "", "bad"))]),
    drift.length === 0
      ? fact("drift", ui(`${glyphs.applied} `, "ok"), ui("none: the live schema is the last snapshot", "dim"))
      : fact(
          "drift",
          ui(`${glyphs.altered} `, "warn"),
          ui(`${plural(drift.length, "difference")}   `, "warn"),
          ui(drift[0] ?? "", "dim"),
        ),
  ];
}

function pendingLines(
  state: State,
  status: StatusResult,
  planned: readonly PlannedMigration[] | undefined,
  area: Area,
  look: Look,
): UiLine[] {
  const title: UiLine = [ui(" pending ", "title"), ui(String(status.pending.length))];
  if (status.pending.length === 0) return [title, [ui("   nothing is pending", "ok")]];
  if (planned === undefined) {
    const plan = state.readings.plan;
    const word = plan.status === "failed" ? `the plan could not be made: ${plan.error.what}` : "judging risk and gates";
    return [
      title,
      ...status.pending
        .slice(0, area.height - 1)
        .map(
          ({ id, steps }): UiLine => [
            ui(`   ${id}   ${plural(steps, "step")}   `),
            ui(word, plan.status === "failed" ? "bad" : "dim"),
          ],
        ),
    ];
  }
  const rows = listLines({
    length: planned.length,
    cursor: cursorOf(state, "home", planned.length),
    width: area.width,
    height: area.height - 1,
    chrome: look.chrome,
    row: (at) => pendingRow(planned[at] as PlannedMigration, look),
  });
  return [title, ...rows];
}

function pendingRow({ id, steps, applied, worst, gates }: PlannedMigration, { glyphs }: Look): UiLine {
  const refusing = gates.filter(({ status }) => status === "failed").map(({ gate }) => gate);
  return [
    ui(applied.length > 0 ? ` ${glyphs.unfinished} ` : ` ${glyphs.marker} `, applied.length > 0 ? "warn" : "accent"),
    ui(id),
    ui(
      applied.length > 0
        ? `   ${applied.length} of ${plural(steps.length, "step")} applied`
        : `   ${plural(steps.length, "step")}`,
      "dim",
    ),
    ui("   worst "),
    ui(`${worst.level} ${worst.score}`, roleOfLevel(worst.level)),
    ...(refusing.length === 0
      ? [ui("   "), sigilOf("applied", glyphs), ui(" gates", "dim")]
      : [ui("   "), ui(`${glyphs.failed} ${refusing.join(", ")}`, "bad")]),
  ];
}

const entries = [
  ["p", "plan", "what each step does, to whom, and what stands in its way"],
  ["v", "verify", "prove it on a throwaway copy; nothing here is touched"],
  ["a", "apply", "run it step by step, live, with a way out"],
  ["5", "history", "what ran, what broke, six questions"],
  ["6", "snapshots", "compare any two stored schemas, model by model"],
  ["7", "recover", "what was dropped and can be brought back"],
] as const;

function menuLines(state: State, { glyphs }: Look): UiLine[] {
  const arrow = state.size.columns < 70 ? "" : `  ${glyphs.dash} `;
  return entries.map(
    ([key, name, says]): UiLine => [ui(`   ${key}  `, "key"), ui(name.padEnd(10)), ui(`${arrow}${says}`, "dim")],
  );
}
