/** The four stages of a verification as they go by, with their times. Decides nothing about verdicts. */
import { type Emit, type VerifyStage, verifyStages } from "../run/events.ts";

export interface StageReport {
  readonly stage: VerifyStage;
  readonly status: "passed" | "failed" | "not reached";
  readonly durationMs: number;
}

export interface Stages {
  /** the stage that runs; the first one before any has begun */
  readonly current: VerifyStage;
  start(stage: VerifyStage): void;
  pass(): void;
  /** ends the running stage as failed; the first one when none has begun */
  fail(): void;
  reports(): readonly StageReport[];
}

/** Stages that tell an emitter of their beginnings and ends. */
export function createStages(emit: Emit): Stages {
  const done = new Map<VerifyStage, StageReport>();
  let running: { readonly stage: VerifyStage; readonly started: number } | undefined;
  const end = (status: "passed" | "failed"): void => {
    if (running === undefined) return;
    const { stage, started } = running;
    running = undefined;
    const durationMs = Math.round(performance.now() - started);
    done.set(stage, { stage, status, durationMs });
    emit({ type: "verify.stage", stage, status: status === "passed" ? "finished" : "failed", durationMs });
  };
  const stages: Stages = {
    get current() {
      return running?.stage ?? "connect + reset";
    },
    start(stage) {
      running = { stage, started: performance.now() };
      emit({ type: "verify.stage", stage, status: "started", durationMs: 0 });
    },
    pass: () => end("passed"),
    fail() {
      if (running === undefined && done.size === 0) stages.start("connect + reset");
      end("failed");
    },
    reports: () => verifyStages.map((stage) => done.get(stage) ?? { stage, status: "not reached", durationMs: 0 }),
  };
  return stages;
}
