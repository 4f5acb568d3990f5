/** Opens the full-screen UI on a terminal and returns how it ended. What main.ts hands to the command line. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { ExitCode } from "../base/errors.ts";
import type { Workspace } from "../usecase/workspace.ts";
import { type AppInput, startApp } from "./app.ts";
import type { SnapshotEntry } from "./state.ts";
import { guardTerminal, restoreTitle, setTitle, sleep, type TerminalInput } from "./terminal.ts";
import { chooseTheme } from "./theme.ts";

export interface UiRequest {
  readonly workspace: Workspace;
  /** sources to browse: two, one, a folder of exports; the stored snapshots when empty; undefined starts at home */
  readonly browse?: readonly string[];
  readonly ascii: boolean;
  readonly color: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface UiStreams {
  readonly input: AppInput["input"];
  readonly output: AppInput["output"];
  readonly takeOver: TerminalInput["takeOver"];
}

/** Runs until the person leaves or a signal ends it. */
export async function openUi(request: UiRequest, streams: UiStreams): Promise<ExitCode> {
  const { workspace, ascii, color, env } = request;
  const start = request.browse === undefined ? {} : browseStart(workspace, request.browse);
  setTitle(streams.output, `zanith ${workspace.config.mode}`);
  const app = startApp({
    input: streams.input,
    output: streams.output,
    workspace,
    theme: chooseTheme(env, color),
    ascii,
    suspend: () => sleep(app),
    ...start,
  });
  const release = guardTerminal({ app, output: streams.output, takeOver: streams.takeOver });
  try {
    return await app.done;
  } finally {
    release();
    restoreTitle(streams.output);
  }
}

function browseStart(workspace: Workspace, sources: readonly string[]): Pick<AppInput, "screen" | "pair" | "entries"> {
  const [first, second] = sources;
  if (first === undefined) return { screen: "snapshots" };
  const paths = sources.map((source) => resolve(workspace.cwd, source));
  const [folder] = paths;
  if (folder !== undefined && second === undefined && isFolder(folder)) {
    return { screen: "snapshots", entries: { folder } };
  }
  const named = sources.map((source) => (/^\d{8}_\d{6}_[a-z0-9_]+$/.test(source) ? `snapshot:${source}` : source));
  const pair = { a: named[0] ?? "", b: named[1] ?? named[0] ?? "" };
  if (!paths.every(isExport)) return { screen: "snapshots", pair };
  return {
    screen: "snapshots",
    pair,
    entries: sources.map((source) => fileEntry(source, resolve(workspace.cwd, source))),
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** An exported file, or a name that can be nothing else. */
function isExport(path: string): boolean {
  return /\.json(\.gz)?$/.test(path) || statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function fileEntry(source: string, path: string): SnapshotEntry {
  const { size = 0, mtime } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return {
    source,
    name: source.replace(/^.*[\\/]/, ""),
    phase: `file, ${(size / 2 ** 20).toFixed(1)} MB`,
    capturedAt: mtime?.toISOString() ?? null,
    models: null,
    relations: null,
  };
}
