/** `zanith recover reseed | purge | cleanup`: fills a column from its archive again, and removes for good what is not wanted. */
import { exitCode } from "../../base/errors.ts";
import { commandLine } from "../../base/shell.ts";
import { plural } from "../../base/text.ts";
import type { Artifact } from "../../recovery/artifact.ts";
import { sourceText } from "../../recovery/find.ts";
import { type Line, line, outside, span } from "../../render/line.ts";
import { renderPlannedSteps } from "../../render/plan.ts";
import { cleanUp, type PurgeResult, purge } from "../../usecase/recover/purge.ts";
import { type ReseedPlanned, type ReseedResult, reseed } from "../../usecase/recover/reseed.ts";
import { defineCommand } from "../command.ts";
import { duration, flag } from "../options.ts";
import type { Output } from "../output.ts";
import { askTyped, canAsk } from "../prompts.ts";
import { artifactArgument, stateOf } from "./recover.ts";
import { runOptions } from "./shared.ts";

const exitCodes = {
  3: "refused: the archive was changed, or nobody confirmed",
  4: "a step failed; the same command goes on from there",
  5: "the database could not be reached",
  6: "another runner holds the lock",
} as const;

export const recoverReseed = defineCommand({
  path: "recover reseed",
  summary: "fill a column that is there from its archive again, by primary key",
  details: [
    "Rows that hold a value keep it, unless --all says otherwise. The checksum is compared before anything is written.",
    "Runs as one transaction: writers of the table wait until all of it is filled, and a stop leaves it as it was.",
    "What it says first: archived values whose rows are there (matched), are gone (missing), or hold another value (conflicting).",
  ],
  args: [artifactArgument],
  options: {
    whereNull: flag("--where-null", "only rows without a value (the default)"),
    all: flag("--all", "replace values that are there, too"),
    ...runOptions,
  },
  examples: [
    { command: "zanith recover reseed users.legacy_code", says: "empty rows get their archived value" },
    { command: "zanith recover reseed users.legacy_code --all --dry-run", says: "how many rows would be changed" },
  ],
  exitCodes,
  streams: true,
  async run({ args, options, output, io, globals, run, ...call }) {
    const [what = ""] = args;
    const { all, dryRun, yes, lockTimeout } = options;
    const workspace = await call.workspace();
    const confirm = async (planned: ReseedPlanned): Promise<boolean> => {
      output.note(reseedLines(planned, output));
      const name = workspace.connection().database;
      const asked = await askTyped(io, `Type ${name} to fill the column`, name);
      return "answer" in asked && asked.answer;
    };
    const result = await reseed(
      workspace,
      {
        what,
        ...(all ? { all } : {}),
        ...(dryRun ? { dryRun } : {}),
        ...(yes ? { confirmed: true } : {}),
        ...(lockTimeout === undefined ? {} : { lockTimeoutMs: lockTimeout }),
        ...(canAsk(io, globals) ? { confirm } : {}),
      },
      run,
    );
    showReseed(result, output, what, all === true);
    return result.status === "refused" ? exitCode.refused : exitCode.done;
  },
});

function showReseed(result: ReseedResult, output: Output, what: string, all: boolean): void {
  const { status, artifact } = result;
  if (output.json) {
    output.event({ type: "result", ...result, artifact: withoutSql(artifact) });
    return;
  }
  if (status === "refused") {
    output.complain([
      ...reseedLines(result, output),
      line(outside(artifact.id, "bad"), span(` did not fill its column: ${result.why}`)),
      line("  ", span("nothing was changed", "dim")),
      line("  ", outside(`${commandLine`zanith recover reseed ${what}`}${all ? " --all" : ""} --yes`, "accent")),
    ]);
    return;
  }
  if (status === "planned")
    output.print([...reseedLines(result, output), line(span("dry run: nothing was changed", "warn"))]);
  else if (status === "nothing to do")
    output.print([...countLines(result), line(span("no row is to be filled; nothing was changed", "ok"))]);
  else
    output.print([...countLines(result), line(outside(artifact.id, "title"), span(" filled its column again", "ok"))]);
}

function reseedLines(planned: ReseedPlanned, output: Output): Line[] {
  return [
    line(span(`${output.glyphs.marker} `, "accent"), outside(planned.id, "title")),
    ...renderPlannedSteps(planned.steps, output.glyphs),
    ...countLines(planned),
  ];
}

function countLines({ counts }: ReseedPlanned): Line[] {
  const { archived, matched, missing, conflicting, filled } = counts;
  return [
    line(
      "  ",
      span(`${archived} archived value(s): ${matched} matched, ${missing} missing, ${conflicting} conflicting`),
    ),
    line("  ", span(`${plural(filled, "row")} to fill`)),
  ];
}

export const recoverPurge = defineCommand({
  path: "recover purge",
  summary: "remove for good what was set aside",
  details: ["Nothing brings it back. By the id of a migration: everything that it left."],
  args: [artifactArgument],
  options: { yes: runOptions.yes, lockTimeout: runOptions.lockTimeout },
  examples: [
    { command: "zanith recover purge users.legacy_code", says: "asks for the name to be typed" },
    { command: "zanith recover purge 20260402_103000_drop_legacy_code --yes", says: "all that one migration left" },
  ],
  exitCodes,
  streams: true,
  async run({ args, options, output, io, globals, run, ...call }) {
    const [what = ""] = args;
    const { yes, lockTimeout } = options;
    const confirm = async (artifacts: readonly Artifact[]): Promise<boolean> => {
      const [first] = artifacts;
      if (first === undefined) return false;
      output.note(artifactLines(artifacts));
      const name = artifacts.length === 1 ? sourceText(first) : what;
      const asked = await askTyped(
        io,
        `Type ${name} to remove ${artifacts.length === 1 ? "it" : "them"} for good`,
        name,
      );
      return "answer" in asked && asked.answer;
    };
    const result = await purge(
      await call.workspace(),
      {
        what,
        ...(yes ? { confirmed: true } : {}),
        ...(lockTimeout === undefined ? {} : { lockTimeoutMs: lockTimeout }),
        ...(canAsk(io, globals) ? { confirm } : {}),
      },
      run,
    );
    showPurge(result, output, commandLine`zanith recover purge ${what} --yes`);
    return result.status === "refused" ? exitCode.refused : exitCode.done;
  },
});

export const recoverCleanup = defineCommand({
  path: "recover cleanup",
  summary: "remove for good what is old or has expired",
  details: [
    "A dry run unless --yes is given. What has an expiry date that is still to come stays, whatever its age.",
    "Nothing is ever removed without a command: an expiry date alone removes nothing.",
  ],
  options: {
    olderThan: duration("--older-than <time>", "what was set aside longer ago: 30d, 12h (default: what has expired)"),
    yes: flag("--yes", "remove it"),
    lockTimeout: runOptions.lockTimeout,
  },
  examples: [
    { command: "zanith recover cleanup --older-than 30d", says: "what would go" },
    { command: "zanith recover cleanup --older-than 30d --yes", says: "removes it" },
  ],
  exitCodes,
  streams: true,
  async run({ options, output, run, ...call }) {
    const { olderThan, yes, lockTimeout } = options;
    const result = await cleanUp(
      await call.workspace(),
      {
        ...(olderThan === undefined ? {} : { olderThanSeconds: olderThan / 1_000 }),
        ...(yes ? { confirmed: true } : {}),
        ...(lockTimeout === undefined ? {} : { lockTimeoutMs: lockTimeout }),
      },
      run,
    );
    showPurge(result, output, "the same command with --yes");
    return exitCode.done;
  },
});

function showPurge({ status, why, artifacts }: PurgeResult, output: Output, again: string): void {
  if (output.json) {
    output.event({
      type: "result",
      status,
      ...(why === undefined ? {} : { why }),
      artifacts: artifacts.map(withoutSql),
    });
    return;
  }
  const count = plural(artifacts.length, "artifact");
  switch (status) {
    case "refused":
      output.complain([
        ...artifactLines(artifacts),
        line(span(`${count} not removed: ${why}`, "bad")),
        line("  ", span("nothing was changed", "dim")),
        line("  ", outside(again, "accent")),
      ]);
      return;
    case "nothing to do":
      output.print([...artifactLines(artifacts), line(span("there is nothing to remove; nothing was changed", "ok"))]);
      return;
    case "planned":
      output.print([
        ...artifactLines(artifacts),
        line(span(`dry run: ${count} would be removed for good; nothing was changed`, "warn")),
        line("  ", outside(again, "accent")),
      ]);
      return;
    case "purged":
      output.print([...artifactLines(artifacts), line(span(`${count} removed for good`, "ok"))]);
  }
}

function artifactLines(artifacts: readonly Artifact[]): Line[] {
  return artifacts.map((artifact) =>
    line(
      "  ",
      outside(artifact.id, "title"),
      span(
        `   ${artifact.rows === null ? "rows not counted" : plural(Number(artifact.rows), "row")}, ${stateOf(artifact)}`,
        "dim",
      ),
    ),
  );
}

function withoutSql({ recoverySql: _, ...artifact }: Artifact): Omit<Artifact, "recoverySql"> {
  return artifact;
}
