// Wrong usage: exit 64, four lines at most, the nearest known name, nothing done, and JSON where JSON was asked for.
import { expect, test } from "bun:test";
import { runCli } from "../support/run-cli.ts";

const cases: readonly { readonly args: readonly string[]; readonly says: readonly string[] }[] = [
  {
    args: ["migrat", "up"],
    says: ["unknown command migrat", "did you mean migrate?", "nothing was done", "zanith --help"],
  },
  {
    args: ["migrate", "stauts"],
    says: ["unknown command stauts", "did you mean status?", "nothing was done", "zanith migrate --help"],
  },
  {
    args: ["migrate", "up", "--allow-destructiv"],
    says: [
      "unknown option --allow-destructiv",
      "did you mean --allow-destructive?",
      "nothing was done",
      "zanith migrate up --help",
    ],
  },
  {
    args: ["migrate", "up", "--jsn"],
    says: ["unknown option --jsn", "did you mean --json?", "nothing was done", "zanith migrate up --help"],
  },
  {
    args: ["--urll", "x", "migrate", "up"],
    says: ["unknown option --urll", "did you mean --url?", "nothing was done", "zanith --help"],
  },
  { args: ["diff", "a"], says: ["missing required argument B", "nothing was done", "zanith diff --help"] },
  {
    args: ["migrate", "up", "extra"],
    says: [
      "too many arguments for up. Expected 0 arguments but got 1: extra",
      "nothing was done",
      "zanith migrate up --help",
    ],
  },
  {
    args: ["migrate", "up", "--to"],
    says: ["option --to <id> argument missing", "nothing was done", "zanith migrate up --help"],
  },
  {
    args: ["migrate", "up", "--steps", "0"],
    says: ['--steps takes a whole number from 1 to 100000, not "0"', "nothing was done", "zanith migrate up --help"],
  },
  {
    args: ["migrate", "up", "--max-risk", "1e1"],
    says: ['--max-risk takes a whole number from 0 to 100, not "1e1"', "nothing was done", "zanith migrate up --help"],
  },
  {
    args: ["migrate", "up", "--lock-timeout", "soon"],
    says: [
      '--lock-timeout takes a time such as 500ms, 5s, 2min, 1h or 7d, not "soon"',
      "nothing was done",
      "zanith migrate up --help",
    ],
  },
  {
    args: ["migrate", "plan", "--fail-on", "raw_sql,nonsense"],
    says: [
      '--fail-on takes a reason code (zanith help ops lists them), not "nonsense"',
      "nothing was done",
      "zanith migrate plan --help",
    ],
  },
  {
    args: ["migrate", "history", "--since", "yesterday"],
    says: [
      '--since takes a time such as 7d, or a date such as 2026-04-02, not "yesterday"',
      "nothing was done",
      "zanith migrate history --help",
    ],
  },
  {
    args: ["migrate", "status", "--mode", "prod"],
    says: [
      '--mode takes one of development, staging, production, not "prod"',
      "nothing was done",
      "zanith migrate status --help",
    ],
  },
  { args: ["help", "nothing"], says: ['there is no help on "nothing"', "nothing was done", "zanith --help"] },
  {
    args: ["completion", "tcsh"],
    says: [
      '"tcsh" is not a shell with completion here',
      "they are bash, zsh, fish",
      "nothing was done",
      "zanith --help",
    ],
  },
];

for (const { args, says } of cases) {
  test(`zanith ${args.join(" ")} says what is wrong with it`, async () => {
    const { exitCode, stdout, stderr } = await runCli(args);
    const [what, ...rest] = says;
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 64,
      stdout: "",
      stderr: `${[what, ...rest.map((line) => `  ${line}`)].join("\n")}\n`,
    });
  });
}

test("a usage error is a JSON document when --json stands anywhere", async () => {
  const { exitCode, stdout, stderr } = await runCli(["migrate", "up", "--json", "--steps", "x"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 64, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: "usage",
      what: '--steps takes a whole number from 1 to 100000, not "x"',
      why: null,
      state: "nothing was done",
      next: "zanith migrate up --help",
      exitCode: 64,
    },
  });
});

test("a password in an argument that was not expected is not repeated", async () => {
  const { stderr } = await runCli(["migrate", "up", "postgres://deploy:s3cret@db/shop"]);
  expect(stderr).toContain("postgres://deploy:****@db/shop");
  expect(stderr).not.toContain("s3cret");
});

test("escape codes in an argument are shown, not obeyed", async () => {
  const { stderr } = await runCli(["\u001b[2Jboo"]);
  expect(stderr).toStartWith("unknown command \\x1b[2Jboo\n");
});

test("global flags stand before or after the command", async () => {
  const before = await runCli(["--mode", "staging", "--audit-schema", "audit", "migrate", "audit", "slowest", "--sql"]);
  const after = await runCli(["migrate", "audit", "slowest", "--sql", "--audit-schema", "audit", "--mode=staging"]);
  expect(before).toMatchObject({ exitCode: 0, stderr: "" });
  expect(before.stdout).toContain("from audit._zanith_migration_steps");
  expect(after.stdout).toBe(before.stdout);
});
