/** `migrate up --targets`: the same for many databases. What each is told and how they are shown; the waves are the use case's. */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type ExitCode, exitCode, toolError } from "../../base/errors.ts";
import { plural } from "../../base/text.ts";
import { readTargets, type Target } from "../../config/targets.ts";
import { renderFleet, renderTarget } from "../../render/fleet.ts";
import { line, outside, span } from "../../render/line.ts";
import { type FleetListener, type FleetResult, isBad, upFleet } from "../../usecase/fleet.ts";
import { type UpInput, up } from "../../usecase/up.ts";
import { forTarget, type Workspace } from "../../usecase/workspace.ts";
import type { Call } from "../command.ts";
import { choice, type OptionValues, text, usageError, wholeNumber } from "../options.ts";
import { askTyped, canAsk } from "../prompts.ts";

/** Options of a run over many databases. */
export const fleetOptions = {
  targets: text("--targets <file>", "databases to do one after another: URLs or service names, one a line"),
  concurrency: wholeNumber("--concurrency <n>", "targets at once after the first one (default 4)", 1, 64),
  onFailure: choice("--on-failure <what>", "after a target that failed (default stop)", ["stop", "skip"]),
};

const defaultConcurrency = 4;

/** A larger file is no list of databases. */
const maxFileBytes = 4_194_304;

/** Runs `up` for every target of the file and shows how each ended. */
export async function runFleet(
  call: Call,
  options: OptionValues<typeof fleetOptions>,
  input: UpInput,
): Promise<ExitCode> {
  const { io, output, run, globals } = call;
  const workspace = await call.workspace();
  const targets = readFile(resolve(io.cwd, options.targets ?? ""));
  if (input.dryRun) throw usageError("--dry-run is for one database", undefined, "zanith migrate plan --url …");
  requireLedgers(workspace, targets);
  let confirmed = input.confirmed;
  if (confirmed !== true && workspace.config.mode !== "development" && canAsk(io, globals)) {
    output.note(targets.map(({ name }) => line("  ", outside(name))));
    const phrase = plural(targets.length, "target");
    const asked = await askTyped(io, `Type ${phrase} to apply what is pending on each`, phrase);
    confirmed = "answer" in asked && asked.answer;
  }
  const upOne = (target: Target) =>
    up(
      forTarget(workspace, target),
      { ...input, ...(confirmed === undefined ? {} : { confirmed }) },
      {
        ...run,
        emit: (event) => {
          if (output.json) output.event({ target: target.name, ...event });
        },
      },
    );
  const result = await upFleet(
    { targets, concurrency: options.concurrency ?? defaultConcurrency, onFailure: options.onFailure ?? "stop" },
    upOne,
    listenerOf(call),
    run.signal,
  );
  if (output.json) output.event({ type: "result", ...result });
  else output.print(renderFleet(result, output.glyphs));
  return codeOf(result);
}

function listenerOf({ output }: Call): FleetListener {
  return {
    waveStarted(wave, names) {
      if (output.json) output.event({ type: "wave.started", wave, targets: names });
      else output.note([line(span(wave === 0 ? "canary: " : `wave ${wave}: `, "accent"), outside(names.join(", ")))]);
    },
    targetFinished(result) {
      if (output.json) output.event({ type: "target.finished", ...result });
      else output.note(renderTarget(result, output.glyphs));
    },
  };
}

function codeOf({ targets, stopped }: FleetResult): ExitCode {
  const statuses = targets.map(({ status }) => status);
  if (statuses.includes("interrupted")) return exitCode.interrupted;
  if (statuses.includes("failed")) return exitCode.stepFailed;
  if (statuses.some(isBad)) return exitCode.refused;
  return stopped === undefined ? exitCode.done : exitCode.interrupted;
}

/** Tenants of one database that shared a ledger would take each other's migrations for their own. */
function requireLedgers({ config }: Workspace, targets: readonly Target[]): void {
  if (config.auditSchema.includes("{schema}") || !targets.some(({ schema }) => schema !== undefined)) return;
  throw usageError(
    "tenants need a ledger each",
    "the file names schemas of tenants, and the audit schema is the same for all of them",
    "zanith migrate up --targets … --audit-schema '{schema}'",
  );
}

function readFile(path: string): Target[] {
  try {
    if (statSync(path).size > maxFileBytes) throw new Error(`it is larger than ${maxFileBytes} bytes`);
    return readTargets(readFileSync(path, "utf8"), path);
  } catch (error) {
    if (!(error instanceof Error) || "what" in error) throw error;
    throw toolError({
      code: "file_unreadable",
      what: `the list of targets ${path} cannot be read`,
      why: error.message,
      state: "nothing was done",
      next: "give a file with a URL or a service name a line: --targets fleet.txt",
    });
  }
}
