// The moments of each screen that are stored as golden frames, as the actions that lead to them.

import { sourceOf } from "../../src/tui/artifact-rows.ts";
import { purgeDialog, restoreDialog } from "../../src/tui/recover-dialogs.ts";
import type { Action, Readings } from "../../src/tui/state.ts";
import type { Inspection } from "../../src/usecase/recover/artifacts.ts";
import type { SampleNames } from "./sample.ts";

const go = (screen: Extract<Action, { type: "go" }>["screen"]): Action => ({ type: "go", screen });
const down: Action = { type: "move", by: 1 };
const tick = (now: number): Action => ({ type: "tick", now });
const said = (event: Extract<Action, { type: "run.event" }>["event"], run: "verify" | "apply" = "apply"): Action => ({
  type: "run.event",
  run,
  event,
});

/** Every scene by name; readings name what is run. */
export function scenesOf(
  readings: Readings,
  { user = "bi", error = "" }: SampleNames = {},
): Readonly<Record<string, readonly Action[]>> {
  const read = (name: keyof Readings): Action => ({
    type: "read",
    name,
    reading: { status: "ready", value: readings[name] },
  });
  const [migration] = readings.plan.migrations;
  if (migration === undefined) throw new Error("the sample has a migration");
  const { id, steps } = migration;
  const started = (step: number): Action[] => {
    const planned = steps[step];
    if (planned === undefined) throw new Error(`the sample has a step ${step}`);
    const { kind, object, level, score } = planned;
    return [
      said({ type: "step.started", migration: id, step, kind, object, level, score }),
      said({ type: "statement.sent", migration: id, step, sql: planned.segments[0]?.statements[0]?.sql ?? "" }),
    ];
  };
  const finished = (step: number, durationMs: number): Action[] => {
    const planned = steps[step];
    if (planned === undefined) throw new Error(`the sample has a step ${step}`);
    const { kind, object, level, score } = planned;
    return [
      said({ type: "statement.finished", migration: id, step, durationMs }),
      said({ type: "step.finished", migration: id, step, kind, object, level, score, durationMs }),
    ];
  };
  const backfill = (more: object): Action =>
    said({
      type: "backfill.progress",
      ...{
        migration: id,
        step: 2,
        processed: 1_900_000,
        total: 3_000_000,
        rowsPerSecond: 48_000,
        etaMs: 23_000,
        batchRows: 5_000,
        batchMs: 104,
        lag: 200,
      },
      ...more,
    });
  const [failed] = readings.status.unfinished;
  const [archive] = readings.artifacts;
  if (archive === undefined) throw new Error("the sample has an artifact");
  const { bytes: _, ...stored } = archive;
  const inspection: Inspection = {
    artifact: {
      ...stored,
      recoverySql: `update ${archive.table} t\nset legacy_code = a.legacy_code\nfrom ${archive.physical} a`,
    },
    bytes: archive.bytes,
    verified: { checksum: archive.checksum ?? "", rows: "46500", intact: true },
  };
  const stopped = "the terminal was closed (SIGHUP)";
  const running: readonly Action[] = [
    tick(0),
    { type: "apply.start" },
    ...started(0),
    ...finished(0, 12),
    ...started(1),
    ...finished(1, 41_200),
    tick(41_300),
    ...started(2),
    tick(102_000),
  ];
  return {
    home: [],
    "home-paused": [
      {
        type: "read",
        name: "status",
        reading: {
          status: "ready",
          value: {
            ...readings.status,
            unfinished:
              failed === undefined ? [] : [{ ...failed, kind: "backfill", status: "interrupted", error: stopped }],
          },
        },
      },
      {
        type: "read",
        name: "backfills",
        reading: {
          status: "ready",
          value: [
            {
              migration: id,
              step: 2,
              status: "paused",
              processed: 1_230_000,
              total: 3_000_000,
              pass: 1,
              key: ["id"],
              upTo: ["1230000"],
              workers: 0,
              updatedAt: "2026-05-01T11:28:00.000000Z",
            },
          ],
        },
      },
    ],
    "home-elsewhere": [
      {
        type: "read",
        name: "status",
        reading: {
          status: "ready",
          value: {
            ...readings.status,
            unfinished: failed === undefined ? [] : [{ ...failed, status: "running", error: null }],
            runner: { pid: 4711, user, application: "zanith up", since: "2026-05-01T11:28:00Z" },
          },
        },
      },
    ],
    plan: [go("plan"), down, down],
    "plan-altered": [go("plan"), { type: "move.to", end: "last" }, { type: "move", by: -1 }],
    "plan-gates": [go("plan"), { type: "gates" }, down, down, down],
    "plan-filtered": [go("plan"), { type: "filter", on: true }, { type: "typed", text: "column" }],
    verify: [
      tick(0),
      { type: "verify.start" },
      said({ type: "verify.stage", stage: "connect + reset", status: "started", durationMs: 0 }, "verify"),
      said({ type: "verify.stage", stage: "connect + reset", status: "finished", durationMs: 66 }, "verify"),
      said({ type: "verify.stage", stage: "apply on shadow", status: "started", durationMs: 0 }, "verify"),
      said({ type: "shadow.step", step: 0, kind: "createTable", object: "leads", durationMs: 4 }, "verify"),
      tick(1_400),
    ],
    "verify-failed": [
      tick(0),
      { type: "verify.start" },
      {
        type: "verify.ended",
        result: {
          status: "ready",
          value: {
            migrations: [id],
            declared: "schema.sql",
            report: {
              verdict: "apply-failed",
              stages: [],
              residual: [],
              chain: [],
              unmodelled: 1,
              failure: {
                migration: id,
                step: 2,
                kind: "addForeignKey",
                object: steps[2]?.object ?? "",
                sql: "alter table public.orders add constraint orders_user_id_fkey\n  foreign key (user_id) references public.users (id) not valid",
                error: 'column "user_id" does not exist',
                sqlstate: "42703",
              },
            },
          },
        },
      },
    ],
    apply: running,
    "apply-stopped": [
      ...running,
      {
        type: "apply.ended",
        result: {
          status: "failed",
          error: {
            code: "interrupted",
            what: `the run was stopped between two steps of ${id}`,
            why: null,
            state: "what was committed is applied and recorded; the rest has not begun",
            next: "zanith migrate up",
            exitCode: 130,
          },
        },
      },
    ],
    "apply-blocked": [
      ...running,
      said({
        type: "lock.waited",
        migration: id,
        step: 2,
        attempt: 2,
        attempts: 8,
        waitedMs: 1_400,
        blockers: [
          {
            pid: 4711,
            user,
            application: `report${error}`,
            state: "idle in transaction",
            since: "2026-05-01T11:24:00Z",
            query: `select * from users where email like $1${error}`,
          },
        ],
      }),
    ],
    "apply-backfill": [...running, backfill({})],
    "apply-paused": [...running, backfill({ state: "paused", reason: "paused: zanith backfill resume" })],
    "apply-held-back": [
      ...running,
      { type: "run.ask", how: "step" },
      backfill({ state: "throttled", reason: `a standby lags 4.2 s behind${error}`, lag: 4_200 }),
    ],
    "apply-index": [
      ...running,
      {
        type: "run.index",
        progress: { phase: "building index: scanning table", counts: "blocks", done: 4_100, total: 10_000 },
      },
    ],
    "apply-log": [...running, { type: "log" }],
    history: [go("history"), { type: "open" }, down, down, down],
    "history-broke": [go("history"), { type: "tab", by: 1 }, read("audit"), { type: "log" }],
    timeline: [go("snapshots"), down, { type: "pick" }, down],
    models: [{ type: "pair", a: "before.json", b: "after.json" }, read("comparison"), { type: "cursor", row: 2 }],
    recover: [go("recover")],
    "recover-inspected": [go("recover"), { type: "recover.inspected", id: archive.id, inspection }],
    "recover-changed": [
      go("recover"),
      {
        type: "recover.inspected",
        id: archive.id,
        inspection: { ...inspection, verified: { checksum: "0".repeat(64), rows: "46499", intact: false } },
      },
    ],
    "recover-restore": [
      go("recover"),
      {
        type: "dialog",
        dialog: restoreDialog(
          {
            artifact: inspection.artifact,
            id: `20260501_113500_restore_${archive.id}`,
            steps: steps.slice(1, 3),
            lost: [{ object: `index users_legacy_idx${error}`, why: "a column it was on is gone" }],
            blocked: [],
          },
          readings.status.database.name,
        ),
      },
    ],
    "recover-purge": [go("recover"), { type: "dialog", dialog: purgeDialog(archive) }],
    "recover-running": [
      tick(0),
      go("recover"),
      { type: "recover.start", label: `restoring ${sourceOf(archive)}` },
      {
        type: "run.event",
        run: "recovery",
        event: {
          type: "step.started",
          migration: archive.migration,
          step: 0,
          kind: "restoreColumn",
          object: archive.id,
          level: "medium",
          score: 35,
        },
      },
      tick(1_400),
    ],
    "recover-ended": [
      go("recover"),
      { type: "recover.start", label: "" },
      { type: "recover.ended", result: { status: "ready", value: `${sourceOf(archive)} is restored` } },
    ],
    help: [go("plan"), { type: "help" }],
  };
}
