/** `zanith` alone and `zanith snapshot browse`: the full-screen UI, where a person sits at a terminal. */
import { line, span } from "../../render/line.ts";
import { type Call, defineCommand } from "../command.ts";
import type { Io } from "../io.ts";
import { usageError } from "../options.ts";
import { createOutput, hasColor, isUtf8, type OutputFlags } from "../output.ts";
import { createWorkspace } from "../workspace.ts";

/** Whether the full-screen UI can be opened: a terminal on both ends that can place a cursor, and nobody said no. */
export function canOpenUi(
  io: Io,
  flags: { readonly json?: boolean | undefined; readonly noInput?: boolean | undefined },
): boolean {
  const term = io.env["TERM"];
  return (
    io.openUi !== undefined &&
    io.terminal.input.isTTY === true &&
    io.stdout.isTerminal &&
    term !== "dumb" &&
    (process.platform === "win32" || (term !== undefined && term !== "")) &&
    flags.json !== true &&
    flags.noInput !== true
  );
}

export const ui = defineCommand({
  path: "ui",
  summary: "the full-screen UI; zanith alone on a terminal opens it too",
  details: ["Home, plan, verify, apply, history, snapshots and recover as screens; ? shows what every key does."],
  options: {},
  examples: [{ command: "zanith ui --url postgres:///shop", says: "step through plan, verify and apply" }],
  exitCodes: { 130: "ended by a signal; the next run goes on from there" },
  run: (call) => open(call, undefined),
});

export const snapshotBrowse = defineCommand({
  path: "snapshot browse",
  summary: "snapshots on the full screen: timeline, model tree, side by side, relations",
  details: [
    "Without arguments: the stored snapshots. With a folder: the exports in it. With A, or A and B: those, compared.",
    "Exported .json files need no database.",
  ],
  args: [
    { name: "A", description: "exported file, folder of exports, migration id or source", optional: true },
    { name: "B", description: "exported file, migration id or source to compare with", optional: true },
  ],
  options: {},
  examples: [
    { command: "zanith snapshot browse before.json after.json", says: "two exports, model by model, offline" },
    { command: "zanith snapshot browse exports/", says: "pick two from a folder of exports" },
  ],
  exitCodes: { 5: "the database could not be reached" },
  run: (call) => open(call, call.args),
});

async function open(call: Call, browse: readonly string[] | undefined) {
  const { io, globals, output } = call;
  if (io.openUi === undefined || !canOpenUi(io, globals)) {
    throw usageError(
      "the full-screen UI needs a terminal",
      "stdin and stdout have to be one, TERM has to name a real one, and --json and --no-input rule it out",
      browse === undefined ? "zanith migrate status" : "zanith snapshot diff A B",
    );
  }
  const flags: OutputFlags = {
    json: false,
    quiet: true,
    ascii: globals.ascii === true,
    color: globals.noColor !== true,
  };
  // Notes beside a result would be written over the screens.
  const silent = createOutput(io, flags);
  const code = await io.openUi({
    workspace: await createWorkspace(io, silent, globals),
    ...(browse === undefined ? {} : { browse }),
    ascii: flags.ascii || !isUtf8(io.env),
    color: hasColor(io.stdout, io.env, flags),
    env: io.env,
  });
  if (code !== 0)
    output.note([line(span("zanith was ended; what was committed is recorded, zanith migrate status tells", "dim"))]);
  return code;
}
