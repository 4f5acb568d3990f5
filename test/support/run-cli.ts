/**
 * Runs the command line tool as a process of its own: from source, or the binary named by ZANITH_TEST_BINARY. Its
 * home is a new folder and no PG* or ZANITH_* variable of the tester reaches it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface CliOptions {
  readonly cwd?: string;
  /** Added to a minimal environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What the tool reads; nothing (`/dev/null`) when absent. */
  readonly stdin?: string;
  /** A compiled binary to run instead of the source. */
  readonly binary?: string;
  /** Kills the tool after this long; 60 s when absent. */
  readonly timeoutMs?: number;
}

export interface CliResult {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

export interface RunningCli {
  readonly pid: number;
  /** Waits until stdout and stderr together contain `text`; throws with what they hold when it never comes. */
  until(text: string, limitMs?: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly result: Promise<CliResult>;
}

const DEFAULT_LIMIT_MS = 60_000;
const POLL_MS = 10;
const source = join(import.meta.dir, "..", "..", "src", "main.ts");

/** Runs the tool to its end. A non-zero exit code is a result, not an error. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).result;
}

/** Starts the tool, for tests that kill it, freeze it or watch its output. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const home = mkdtempSync(join(tmpdir(), "zanith-home-"));
  const started = performance.now();
  const tool = Bun.spawn([...cliCommand(options.binary), ...args], {
    cwd: options.cwd ?? home,
    env: cliEnvironment(home, options.env),
    stdin: options.stdin === undefined ? "ignore" : new Blob([options.stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const limitMs = options.timeoutMs ?? DEFAULT_LIMIT_MS;
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    tool.kill("SIGKILL");
  }, limitMs);
  const stdout = collect(tool.stdout);
  const stderr = collect(tool.stderr);

  async function finish(): Promise<CliResult> {
    try {
      const [out, err] = await Promise.all([stdout.all, stderr.all, tool.exited]);
      if (timedOut) throw new Error(`zanith ${args.join(" ")} did not end within ${limitMs} ms:\n${out}${err}`);
      return {
        exitCode: tool.exitCode ?? undefined,
        signal: tool.signalCode === null ? undefined : String(tool.signalCode),
        stdout: out,
        stderr: err,
        durationMs: performance.now() - started,
      };
    } finally {
      clearTimeout(timer);
      rmSync(home, { recursive: true, force: true });
    }
  }
  const result = finish();
  // A test that only waits for output must not fail a second time through a promise it never looked at.
  result.catch(() => undefined);

  return {
    pid: tool.pid,
    async until(text, untilMs = limitMs) {
      const end = performance.now() + untilMs;
      while (!(stdout.soFar() + stderr.soFar()).includes(text)) {
        if (tool.exitCode !== null || performance.now() > end) {
          await Promise.race([result.catch(() => undefined), Bun.sleep(POLL_MS)]);
          const output = stdout.soFar() + stderr.soFar();
          if (output.includes(text)) return;
          throw new Error(`the output never contained ${JSON.stringify(text)}:\n${output}`);
        }
        await Bun.sleep(POLL_MS);
      }
    },
    kill: (signal) => tool.kill(signal),
    result,
  };
}

/** The command and leading arguments that start the tool. */
export function cliCommand(binary: string | undefined = process.env["ZANITH_TEST_BINARY"]): readonly string[] {
  return binary === undefined || binary === "" ? [process.execPath, "--no-env-file", source] : [binary];
}

/** A small environment with its own home; `extra` comes last. */
export function cliEnvironment(
  home: string,
  extra: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> {
  const base: Record<string, string | undefined> = {
    PATH: process.env["PATH"],
    TMPDIR: process.env["TMPDIR"],
    HOME: home,
    LANG: "C.UTF-8",
    TZ: "UTC",
    ...extra,
  };
  return Object.fromEntries(Object.entries(base).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** One JSON value per line of `text`; a line that is not JSON throws and is named. */
export function parseNdjson(text: string): readonly unknown[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line, index) => {
      try {
        return JSON.parse(line) as unknown;
      } catch {
        throw new Error(`line ${index + 1} is not JSON: ${line}`);
      }
    });
}

function collect(stream: ReadableStream<Uint8Array>): { readonly all: Promise<string>; soFar(): string } {
  const decoder = new TextDecoder();
  let text = "";
  async function read(): Promise<string> {
    for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
    text += decoder.decode();
    return text;
  }
  return { all: read(), soFar: () => text };
}
