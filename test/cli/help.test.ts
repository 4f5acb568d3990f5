// Help: every text is stored and reviewed, reachable in every way people try, and names nothing that does not exist.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { commandGroups, commands } from "../../src/cli/commands/index.ts";
import { renderCommandHelp, renderGroupHelp, renderOverview } from "../../src/cli/help.ts";
import { parseArguments } from "../../src/cli/parse.ts";
import { operationKinds } from "../../src/operation/registry.ts";
import { linesText } from "../../src/render/line.ts";
import { expectGolden } from "../support/golden.ts";
import { runCli } from "../support/run-cli.ts";

const golden = (name: string): string => join(import.meta.dir, "golden", `help-${name.replaceAll(" ", "-")}.txt`);

test("the overview reads as it is stored", () => {
  expectGolden(golden("overview"), linesText(renderOverview(commands, "0.0.0")));
});

for (const group of commandGroups) {
  test(`the help of ${group.name} reads as it is stored`, () => {
    const members = commands.filter(({ path }) => path.startsWith(`${group.name} `));
    expectGolden(golden(group.name), linesText(renderGroupHelp(group, members)));
  });
}

describe("every command", () => {
  for (const command of commands) {
    test(`${command.path}: its help reads as it is stored and its examples parse`, () => {
      expectGolden(golden(command.path), linesText(renderCommandHelp(command)));
      expect(command.examples.length).toBeGreaterThan(0);
      for (const example of command.examples) {
        const words = shellWords(example.command);
        expect(parseArguments(words, commands, commandGroups).command.path).toBe(command.path);
      }
    });
  }
});

test("help is found in every way that people try", async () => {
  const overview = linesText(renderOverview(commands, manifest.version));
  for (const args of [[], ["--help"], ["-h"], ["help"], ["--quiet"]]) {
    const { exitCode, stdout, stderr } = await runCli(args);
    expect({ args, exitCode, stdout, stderr }).toEqual({ args, exitCode: 0, stdout: overview, stderr: "" });
  }
  const up = commands.find(({ path }) => path === "migrate up");
  const help = linesText(up === undefined ? [] : renderCommandHelp(up));
  for (const args of [
    ["help", "migrate", "up"],
    ["migrate", "up", "--help"],
    ["--help", "migrate", "up"],
    ["migrate", "up", "--steps", "-h"],
  ]) {
    expect((await runCli(args)).stdout).toBe(help);
  }
});

test("the operation kinds are listed by --help ops, by help ops and as JSON", async () => {
  const words = await runCli(["--help", "ops"]);
  expect(await runCli(["help", "ops"])).toMatchObject({ exitCode: 0, stdout: words.stdout });
  for (const { kind, summary } of operationKinds) {
    expect(words.stdout).toMatch(new RegExp(`^    ${kind} .*${RegExp.escape(summary)}$`, "m"));
  }
  const { kinds } = JSON.parse((await runCli(["help", "ops", "--json"])).stdout) as {
    kinds: { kind: string; product: boolean }[];
  };
  expect(kinds.filter(({ product }) => product)).toHaveLength(31);
});

test("help in ASCII holds nothing else", async () => {
  const { stdout } = await runCli(["migrate", "--help", "--ascii"], { env: { LANG: "C" } });
  expect(stdout).toMatch(/^[\n\x20-\x7e]+$/);
});

test("--version names version and commit", async () => {
  const { version, commit } = JSON.parse((await runCli(["--version", "--json"])).stdout) as Record<string, string>;
  expect({ version, commit }).toEqual({
    version: manifest.version,
    commit: expect.stringMatching(/^(source|unknown|[0-9a-f]{12})$/),
  });
  expect(await runCli(["--version"])).toMatchObject({
    exitCode: 0,
    stdout: `zanith ${version} (${commit})\n`,
    stderr: "",
  });
});

for (const [shell, check] of [
  ["bash", ["bash", "-n"]],
  ["zsh", ["zsh", "-n"]],
  ["fish", ["fish", "--no-execute"]],
] as const) {
  test.skipIf(Bun.which(shell) === null)(`the completion for ${shell} is a script that ${shell} can read`, async () => {
    const { exitCode, stdout } = await runCli(["completion", shell]);
    expect(exitCode).toBe(0);
    const parse = Bun.spawnSync([...check], { stdin: new Blob([stdout]), stderr: "pipe" });
    expect({ exitCode: parse.exitCode, stderr: parse.stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
  });
}

test.skipIf(Bun.which("bash") === null)(
  "bash completes commands, options and nothing after an option's value",
  async () => {
    const { stdout } = await runCli(["completion", "bash"]);
    const complete = (...words: readonly string[]): string[] => {
      const list = words.map((word) => JSON.stringify(word)).join(" ");
      const script = `${stdout}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _zanith; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return Bun.spawnSync(["bash", "-c", script])
        .stdout.toString()
        .split("\n")
        .filter((word) => word !== "")
        .sort();
    };
    expect(complete("zanith", "migrate", "st")).toEqual(["status"]);
    expect(complete("zanith", "sn")).toEqual(["snapshot"]);
    expect(complete("zanith", "--dir", "migrate", "snapshot", "e")).toEqual(["export"]);
    expect(complete("zanith", "migrate", "up", "--l")).toEqual(["--lock-timeout"]);
  },
);

/** The words of an example up to the first shell operator; single quotes hold words together. */
function shellWords(example: string): string[] {
  const inner = /<\((.*)\)$/.exec(example)?.[1] ?? example;
  const words = [...inner.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  const end = words.findIndex((word) => word === "|" || word === ">");
  return words.slice(1, end < 0 ? undefined : end);
}
