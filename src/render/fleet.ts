/** How the databases of a fleet ended, as lines. */
import { plural } from "../base/text.ts";
import { alignColumns, type Cell } from "./columns.ts";
import type { Glyphs } from "./glyphs.ts";
import { type Line, line, outside, type Role, span } from "./line.ts";
import { formatDuration } from "./time.ts";

interface TargetView {
  readonly target: string;
  readonly status: "applied" | "up to date" | "refused" | "failed" | "interrupted" | "not begun";
  readonly migrations: number;
  readonly steps: number;
  readonly durationMs: number;
  readonly why?: string;
  readonly next?: string;
}

const roles: Readonly<Record<TargetView["status"], Role>> = {
  applied: "ok",
  "up to date": "ok",
  refused: "bad",
  failed: "bad",
  interrupted: "warn",
  "not begun": "dim",
};

function sign(status: TargetView["status"], glyphs: Glyphs): string {
  if (status === "applied" || status === "up to date") return glyphs.applied;
  if (status === "not begun") return glyphs.open;
  return status === "interrupted" ? glyphs.unfinished : glyphs.failed;
}

function cells({ target, status, migrations, steps, durationMs }: TargetView, glyphs: Glyphs): Cell[] {
  const did = migrations + steps === 0 ? "" : `${plural(migrations, "migration")}, ${plural(steps, "step")}`;
  return [
    [span(sign(status, glyphs), roles[status])],
    [outside(target)],
    [span(status, roles[status])],
    [span(did, "dim")],
    [span(status === "not begun" ? "" : formatDuration(durationMs), "dim")],
  ];
}

const layout = [{ gap: 2 }, { gap: 1 }, { gap: 3 }, { gap: 3 }, { gap: 3, align: "right" }] as const;

function reason({ why, next }: TargetView): Line[] {
  return [
    ...(why === undefined ? [] : [line("      ", outside(why, "bad"))]),
    ...(next === undefined ? [] : [line("      ", outside(next, "accent"))]),
  ];
}

/** One target, as soon as it has ended. */
export function renderTarget(result: TargetView, glyphs: Glyphs): Line[] {
  return [...alignColumns([cells(result, glyphs)], layout), ...reason(result)];
}

/** All targets, then how many are where they should be and why others were not begun. */
export function renderFleet(
  { targets, stopped }: { readonly targets: readonly TargetView[]; readonly stopped?: string },
  glyphs: Glyphs,
): Line[] {
  const rows = alignColumns(
    targets.map((target) => cells(target, glyphs)),
    layout,
  );
  const good = targets.filter(({ status }) => roles[status] === "ok").length;
  const all = good === targets.length;
  return [
    ...targets.flatMap((target, at) => [rows[at] ?? line(), ...reason(target)]),
    line(span(`${good} of ${plural(targets.length, "target")} up to date`, all ? "ok" : "warn")),
    ...(stopped === undefined ? [] : [line(span("stopped: ", "warn"), outside(stopped))]),
    ...(all ? [] : [line(span("the same command goes on with the others", "dim"))]),
  ];
}
