/**
 * A fleet: the same migrations on many databases, one of them first, then in waves. Each has its own ledger, lock and gates;
 * what one run left unfinished the next one finishes. Knows nothing of how a target is migrated: that is handed in.
 */
import { isToolError } from "../base/errors.ts";
import type { Target } from "../config/targets.ts";
import type { UpResult } from "./up.ts";

export interface FleetInput {
  readonly targets: readonly Target[];
  /** targets at once, after the first one */
  readonly concurrency: number;
  /** what a failure does: nothing more is begun after its wave, or the others go on */
  readonly onFailure: "stop" | "skip";
}

export type TargetStatus = "applied" | "up to date" | "refused" | "failed" | "interrupted" | "not begun";

/** How one target ended. */
export interface TargetResult {
  readonly target: string;
  readonly status: TargetStatus;
  /** 0 for the canary; undefined for one that was not begun */
  readonly wave?: number;
  readonly migrations: number;
  readonly steps: number;
  readonly durationMs: number;
  /** what went wrong or refused, in one sentence */
  readonly why?: string;
  readonly code?: string;
  /** the command that goes on from there */
  readonly next?: string;
}

export interface FleetResult {
  readonly targets: readonly TargetResult[];
  /** why targets were not begun */
  readonly stopped?: string;
}

/** Told as the fleet goes on. */
export interface FleetListener {
  waveStarted(wave: number, targets: readonly string[]): void;
  targetFinished(result: TargetResult): void;
}

/**
 * Runs `upOne` for each target: the first alone, and only if that went well the others, so many at once. Operational
 * errors of a target are its result; bugs throw.
 */
export async function upFleet(
  { targets, concurrency, onFailure }: FleetInput,
  upOne: (target: Target) => Promise<UpResult>,
  listener: FleetListener,
  signal: AbortSignal,
): Promise<FleetResult> {
  const results: TargetResult[] = [];
  let stopped: string | undefined;
  for (const [wave, members] of wavesOf(targets, concurrency).entries()) {
    if (signal.aborted) stopped ??= "the run was asked to stop";
    if (stopped !== undefined) {
      results.push(...members.map(({ name }) => notBegun(name)));
      continue;
    }
    const names = members.map(({ name }) => name);
    listener.waveStarted(wave, names);
    const ended = await Promise.all(
      members.map(async (target) => {
        const result = await runTarget(target, wave, upOne);
        listener.targetFinished(result);
        return result;
      }),
    );
    results.push(...ended);
    const bad = ended.find(({ status }) => isBad(status));
    if (bad === undefined) continue;
    if (wave === 0) stopped = `the canary ${bad.target} did not go through`;
    else if (onFailure === "stop") stopped = `${bad.target} did not go through, and a failure stops the fleet`;
  }
  return { targets: results, ...(stopped === undefined ? {} : { stopped }) };
}

/** Whether a target is not where it should be. */
export function isBad(status: TargetStatus): boolean {
  return status === "refused" || status === "failed" || status === "interrupted";
}

function wavesOf(targets: readonly Target[], concurrency: number): (readonly Target[])[] {
  const waves = targets.length === 0 ? [] : [targets.slice(0, 1)];
  for (let at = 1; at < targets.length; at += concurrency) waves.push(targets.slice(at, at + concurrency));
  return waves;
}

function notBegun(target: string): TargetResult {
  return { target, status: "not begun", migrations: 0, steps: 0, durationMs: 0 };
}

async function runTarget(
  target: Target,
  wave: number,
  upOne: (target: Target) => Promise<UpResult>,
): Promise<TargetResult> {
  const started = performance.now();
  const end = (rest: Omit<TargetResult, "target" | "wave" | "durationMs">): TargetResult => ({
    target: target.name,
    wave,
    durationMs: Math.round(performance.now() - started),
    ...rest,
  });
  try {
    const { plan, applied, refused } = await upOne(target);
    const migrations = applied.length;
    const steps = applied.reduce((sum, one) => sum + one.steps, 0);
    if (refused !== undefined) {
      const { migration, gate } = refused;
      const why = `${migration} refused by gate ${gate.gate}: ${gate.why}`;
      return end({ status: "refused", migrations, steps, why, ...(gate.how === undefined ? {} : { next: gate.how }) });
    }
    const status = migrations === 0 ? "up to date" : "applied";
    if (plan.held === undefined) return end({ status, migrations, steps });
    const next = `${plan.held.migration} waits for a run of its own, once no old version of the application runs any more`;
    return end({ status, migrations, steps, next });
  } catch (error) {
    if (!isToolError(error)) throw error;
    const status = error.code === "interrupted" ? "interrupted" : "failed";
    const why = error.why === undefined ? error.what : `${error.what}: ${error.why}`;
    const { code, next } = error;
    return end({ status, migrations: 0, steps: 0, why, code, ...(next === undefined ? {} : { next }) });
  }
}
