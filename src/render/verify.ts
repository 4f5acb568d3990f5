/** A verify report as lines: the four stages with their times, the verdict, and what led to it. */
import type { PlannedStep } from "../risk/plan.ts";
import { alignColumns } from "./columns.ts";
import type { Glyphs } from "./glyphs.ts";
import { block, type Line, line, outside, type Role, type Span, span } from "./line.ts";
import { renderPlannedSteps } from "./plan.ts";
import { formatDuration } from "./time.ts";

export interface VerifyReportView {
  readonly verdict: "ok" | "drift" | "apply-failed" | "shadow-unreachable";
  readonly stages: readonly {
    readonly stage: string;
    readonly status: "passed" | "failed" | "not reached";
    readonly durationMs: number;
  }[];
  /** the name of the throwaway database, when it was kept */
  readonly kept?: string;
  readonly residual: readonly PlannedStep[];
  readonly failure?: {
    readonly migration?: string;
    readonly step?: number;
    readonly kind?: string;
    readonly object?: string;
    readonly sql?: string;
    readonly error: string;
    readonly sqlstate?: string;
    /** what helps, in place of the verdict's usual next step */
    readonly next?: string;
  };
}

export interface VerifyView {
  readonly report: VerifyReportView;
  readonly migrations: readonly string[];
  readonly declared: string;
}

/** The report. `drift` lists the operations that remain, `apply-failed` the step, its SQL and the server's words. */
export function renderVerify({ report, migrations, declared }: VerifyView, glyphs: Glyphs): Line[] {
  const { verdict, stages, residual, failure, kept } = report;
  const lines: Line[] = [
    ...migrations.map((id) => line(span(`${glyphs.marker} `, "accent"), outside(id, "title"))),
    ...(migrations.length === 0 ? [line(span("nothing is pending; the live schema itself is compared", "dim"))] : []),
    ...alignColumns(
      stages.map(({ stage, status, durationMs }) => [
        [stageSigil(status, glyphs)],
        [span(stage, status === "not reached" ? "dim" : "plain")],
        [span(status === "not reached" ? "not reached" : formatDuration(durationMs), "dim")],
      ]),
      [{ gap: 2 }, { gap: 1 }, { gap: 3, align: "right" }],
    ),
    line("verdict: ", span(verdict, verdictRole[verdict]), outside(`   compared with ${declared}`, "dim")),
  ];
  if (residual.length > 0) {
    lines.push(
      line(span(`still to be done to reach it (${residual.length}):`, "warn")),
      ...renderPlannedSteps(residual, glyphs),
    );
  }
  if (failure !== undefined) {
    const { migration, step, kind, object, sql, error, sqlstate } = failure;
    if (step !== undefined) {
      lines.push(
        line(
          span(`step ${step} `, "bad"),
          outside(`${kind ?? ""} ${object ?? ""}`, "bad"),
          outside(migration === undefined ? "" : ` of ${migration}`, "dim"),
        ),
      );
    }
    lines.push(
      ...block(sqlstate === undefined || error.includes(sqlstate) ? error : `${error} (${sqlstate})`, "bad", 2),
    );
    if (sql !== undefined) lines.push(...block(sql, "sql", 4));
  }
  if (kept !== undefined) lines.push(line(span("kept: ", "dim"), outside(`database ${kept}`)));
  lines.push(line(span("next: ", "dim"), outside(failure?.next ?? nextStep[verdict], "accent")));
  return lines;
}

const verdictRole: Readonly<Record<VerifyReportView["verdict"], Role>> = {
  ok: "ok",
  drift: "warn",
  "apply-failed": "bad",
  "shadow-unreachable": "bad",
};

const nextStep: Readonly<Record<VerifyReportView["verdict"], string>> = {
  ok: "zanith migrate up",
  drift: "zanith migrate generate, and review what it adds",
  "apply-failed": "correct the migration, then: zanith migrate verify",
  "shadow-unreachable": "check the server, or name another with --shadow",
};

function stageSigil(status: "passed" | "failed" | "not reached", glyphs: Glyphs): Span {
  if (status === "passed") return span(glyphs.applied, "ok");
  return status === "failed" ? span(glyphs.failed, "bad") : span(glyphs.open, "dim");
}
