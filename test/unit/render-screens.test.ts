// What people read of histories, plans, gates, refusals, errors, verdicts, status and diffs, whole.
import { expect, test } from "bun:test";
import { toolError } from "../../src/base/errors.ts";
import { diffGraphs } from "../../src/diff/graph-diff.ts";
import { makeGraph } from "../../src/model/graph.ts";
import { renderDiff, renderDiffSummary } from "../../src/render/diff.ts";
import { renderError, shownError } from "../../src/render/error.ts";
import { renderGates } from "../../src/render/gates.ts";
import { asciiGlyphs, asciiText, unicodeGlyphs } from "../../src/render/glyphs.ts";
import { renderHistory } from "../../src/render/history.ts";
import { type Line, linesText } from "../../src/render/line.ts";
import { lockPhrase, renderMigrationPlan } from "../../src/render/plan.ts";
import { renderRefusal, stepsPhrase } from "../../src/render/refusal.ts";
import { renderStatus } from "../../src/render/status.ts";
import { lonelyStepWidths, renderSteps, type ShownStep } from "../../src/render/steps.ts";
import { renderVerify } from "../../src/render/verify.ts";
import type { GateResult } from "../../src/risk/gates.ts";
import { finding } from "../../src/risk/levels.ts";
import type { PlannedStep } from "../../src/risk/plan.ts";
import { statement, together } from "../../src/sql/statement.ts";

const lines = (...text: readonly string[]): string => `${text.join("\n")}\n`;
const unicode = (content: readonly Line[]): string => linesText(content);
const ascii = (content: readonly Line[]): string => asciiText(linesText(content));

const archived: ShownStep = {
  index: 0,
  kind: "archiveColumn",
  object: "p5_legacy.legacy_code",
  status: "applied",
  level: "medium",
  score: 35,
  durationMs: 41,
};

const addForeignKey: PlannedStep = {
  index: 2,
  op: { kind: "addForeignKey" },
  kind: "addForeignKey",
  family: "index & constraint",
  object: "orders.customer_id",
  level: "medium",
  score: 35,
  findings: [
    finding("medium", "adds_foreign_key", "writes stop for a moment"),
    finding("low", undefined, "reads every row"),
  ],
  segments: [
    together(
      statement("lock table customers", "share row exclusive", ["customers"]),
      statement(
        "alter table orders add constraint c foreign key (customer_id) references customers not valid",
        "share row exclusive",
        ["orders", "customers"],
      ),
    ),
    together(statement("alter table orders validate constraint c", "share update exclusive", ["orders"], "scan")),
  ],
  probes: [],
  undo: { possible: true, kinds: ["dropForeignKey"] },
};

const dropColumn: PlannedStep = {
  ...addForeignKey,
  index: 3,
  op: { kind: "dropColumn" },
  kind: "dropColumn",
  object: "users.legacy_uuid",
  level: "destructive",
  score: 80,
  findings: [finding("destructive", "drops_column_with_data", "its values are gone")],
  segments: [together(statement("alter table users drop column legacy_uuid", "access exclusive", ["users"]))],
  undo: { possible: true, kinds: ["addColumn", "setComment", "addIndex"], loses: "its values" },
};

const orphans: GateResult = {
  gate: "preflight",
  status: "failed",
  why: "orders without a customer: (id) = (10532), (10977)",
  how: "fix the rows",
  step: 2,
  refusal: "preflight orphans",
  offending: [
    {
      step: 2,
      probe: "orphans",
      question: "orders without a customer",
      columns: ["id", "customer_id"],
      rows: [
        ["10532", "7"],
        ["10977", null],
      ],
      advice: "fix the rows",
    },
  ],
};

test("the verbose history reads exactly as it is documented", () => {
  const entry = {
    migration: "20260402_103000_drop_legacy_code",
    appliedAt: "2026-04-02 10:31:07.25+00",
    worst: { level: "medium", score: 35 },
    steps: [archived],
    snapshot: { models: 1000, relations: 3967 },
  };
  expect(
    unicode(renderHistory([entry, entry, entry], unicodeGlyphs, { verbose: true }))
      .split("\n")
      .slice(0, 4),
  ).toEqual([
    "Applied migrations (3):",
    "▸ 20260402_103000_drop_legacy_code   applied 2026-04-02 10:31:07Z   worst: medium 35",
    "  ✓ 0 archiveColumn  p5_legacy.legacy_code   [medium 35]   41 ms",
    "  snapshot: 1000 model(s), 3967 relation(s)",
  ]);
  expect(unicode(renderHistory([entry], unicodeGlyphs))).toBe(
    lines(
      "Applied migrations (1):",
      "▸ 20260402_103000_drop_legacy_code   applied 2026-04-02 10:31:07Z   worst: medium 35",
    ),
  );
});

test("a migration that is not complete stands apart in the history", () => {
  const entry = {
    migration: "20260403_000000_b",
    appliedAt: null,
    worst: { level: "destructive", score: 80 },
    steps: [
      {
        ...archived,
        kind: "dropColumn",
        level: "destructive",
        score: 80,
        status: "refused",
        error: "refused — max risk 60",
      },
    ],
  } as const;
  expect(unicode(renderHistory([entry], unicodeGlyphs, { verbose: true }))).toBe(
    lines(
      "Applied migrations (0):",
      "Not finished (1):",
      "▸ 20260403_000000_b   not applied   worst: destructive 80",
      "  ✗ 0 dropColumn  p5_legacy.legacy_code   [destructive 80]",
      "      refused — max risk 60",
    ),
  );
});

test("every status has its sign, with a fallback in ASCII", () => {
  const statuses = ["applied", "failed", "refused", "running", "interrupted", "rolled_back", "pending"] as const;
  const steps = statuses.map(
    (status, index): ShownStep => ({ ...archived, index: index + 4, kind: status, status, durationMs: null }),
  );
  const rows = (text: string): string[] => text.split("\n").map((row) => row.slice(0, 19));
  expect(rows(unicode(renderSteps(steps, unicodeGlyphs)))).toEqual([
    "  ✓  4 applied     ",
    "  ✗  5 failed      ",
    "  ✗  6 refused     ",
    "  ↻  7 running     ",
    "  ↻  8 interrupted ",
    "  ↻  9 rolled_back ",
    "  – 10 pending     ",
    "",
  ]);
  expect(rows(ascii(renderSteps(steps, asciiGlyphs))).map((row) => row.slice(2, 3))).toEqual([
    "+",
    "x",
    "x",
    "~",
    "~",
    "~",
    "-",
    "",
  ]);
});

test("a step shown alone keeps the columns of its migration and cuts what is too long", () => {
  const step = { ...archived, object: `select ${"x".repeat(80)}` };
  expect(unicode(renderSteps([archived, step], unicodeGlyphs, { widths: lonelyStepWidths(12) }))).toBe(
    lines(
      `  ✓  0 archiveColumn        p5_legacy.legacy_code${" ".repeat(39)}   [medium 35]        41 ms`,
      `  ✓  0 archiveColumn        select ${"x".repeat(52)}…   [medium 35]        41 ms`,
    ),
  );
});

test("a plan shows risk, lock, undo and what a reviewer should know; verbose adds the statements", () => {
  const migration = { id: "20260501_113022_add_last_login", steps: [addForeignKey, dropColumn] };
  expect(unicode(renderMigrationPlan(migration, unicodeGlyphs))).toBe(
    lines(
      "▸ 20260501_113022_add_last_login   2 steps   worst: destructive 80",
      "    2 addForeignKey  orders.customer_id   [medium 35]        share row exclusive, instant + scan   undo: dropForeignKey",
      "        adds_foreign_key: writes stop for a moment",
      "    3 dropColumn     users.legacy_uuid    [destructive 80]   access exclusive, instant             undo: addColumn, 2 more",
      "        drops_column_with_data: its values are gone",
      "        undo loses: its values",
    ),
  );
  const verbose = unicode(renderMigrationPlan({ id: "m", steps: [addForeignKey] }, unicodeGlyphs, { verbose: true }));
  expect(verbose).toBe(
    lines(
      "▸ m   1 step   worst: medium 35",
      "    2 addForeignKey  orders.customer_id   [medium 35]   share row exclusive, instant + scan   undo: dropForeignKey",
      "        adds_foreign_key: writes stop for a moment",
      "        low: reads every row",
      "        begin;",
      "        lock table customers;",
      "          → share row exclusive on customers, instant",
      "        alter table orders add constraint c foreign key (customer_id) references customers not valid;",
      "          → share row exclusive on orders, customers, instant",
      "        commit;",
      "        alter table orders validate constraint c;",
      "          → share update exclusive on orders, scan",
    ),
  );
});

test("the lock of a step is its strongest one, with a longer hold of a weaker one beside it", () => {
  expect(lockPhrase([])).toBe("no lock");
  expect(lockPhrase([together(statement("a", "share", ["t"], "scan"), statement("b", "share", ["t"]))])).toBe(
    "share, scan",
  );
  expect(lockPhrase(addForeignKey.segments)).toBe("share row exclusive, instant + scan");
});

test("gates are a checklist with the rows in the way and the way past a refusal", () => {
  const gates: GateResult[] = [
    {
      gate: "max-risk",
      status: "failed",
      why: "step 3 dropColumn scores 80, the ceiling is 60",
      how: "--max-risk 80",
      step: 3,
    },
    { gate: "allow-destructive", status: "passed", why: "nothing is destroyed" },
    orphans,
    { gate: "verified", status: "off", why: "not asked for in this mode" },
    { gate: "confirm", status: "pending", why: "the database's name is to be typed, or --yes given", how: "--yes" },
  ];
  expect(unicode(renderGates(gates, unicodeGlyphs))).toBe(
    lines(
      "  ✗ max-risk           step 3 dropColumn scores 80, the ceiling is 60",
      "    → --max-risk 80",
      "  ✓ allow-destructive  nothing is destroyed",
      "  ✗ preflight          rows are in the way of step 2",
      "    step 2: orders without a customer",
      "         id  customer_id",
      "      -----  -----------",
      "      10532            7",
      "      10977",
      "    → fix the rows",
      "  – verified           not asked for in this mode",
      "  – confirm            the database's name is to be typed, or --yes given",
      "    → --yes",
    ),
  );
});

test("a refusal has four lines: what, why, what stands, what next", () => {
  const view = { migration: "m", command: "zanith migrate up", step: addForeignKey };
  expect(unicode(renderRefusal({ ...view, gate: orphans, applied: [0, 1] }))).toBe(
    lines(
      "addForeignKey orders.customer_id refused by gate preflight",
      "  orders without a customer: (id) = (10532), (10977)",
      "  nothing was changed by this step; steps 0-1 are applied and recorded",
      "  fix the rows, then: zanith migrate up",
    ),
  );
  const confirm: GateResult = {
    gate: "confirm",
    status: "failed",
    why: "nobody confirmed the run",
    how: "--yes, or type the name",
  };
  expect(unicode(renderRefusal({ ...view, gate: confirm, applied: [] }))).toBe(
    lines(
      "m refused by gate confirm",
      "  nobody confirmed the run",
      "  nothing was changed; the refusal is recorded",
      "  zanith migrate up --yes, or type the name",
    ),
  );
  expect([[4], [0, 1, 2], [5, 0, 2, 1]].map(stepsPhrase)).toEqual(["step 4 is", "steps 0-2 are", "steps 0-2, 5 are"]);
});

test("an error has four lines, and a bug says that it is one", () => {
  const error = toolError({
    code: "unreachable",
    what: "cannot connect to db:5432",
    why: "connection refused\nis the server running?",
    state: "nothing was changed",
    next: "check the URL",
    details: { host: "db", sqlstate: undefined },
  });
  expect(shownError(error)).toEqual({
    code: "unreachable",
    what: "cannot connect to db:5432",
    why: "connection refused\nis the server running?",
    state: "nothing was changed",
    next: "check the URL",
    exitCode: 5,
    details: { host: "db" },
  });
  expect(unicode(renderError(shownError(error)))).toBe(
    lines(
      "cannot connect to db:5432",
      "  connection refused",
      "  is the server running?",
      "  nothing was changed",
      "  check the URL",
    ),
  );
  const bug = shownError(new TypeError("x is not a function"));
  expect(bug).toMatchObject({ code: "unexpected", exitCode: 1, next: "please report this with the lines above" });
  expect(bug.why).toContain("TypeError: x is not a function\n    at ");
});

test("a verify report shows the stages, the verdict and what led to it", () => {
  const stage = (name: string, status: "passed" | "failed" | "not reached", durationMs: number) => ({
    stage: name,
    status,
    durationMs,
  });
  const report = {
    verdict: "apply-failed",
    stages: [
      stage("connect + reset", "passed", 120),
      stage("apply on shadow", "failed", 1310),
      stage("introspect", "not reached", 0),
    ],
    residual: [],
    failure: {
      migration: "m",
      step: 1,
      kind: "addIndex",
      object: "users(x)",
      sql: "create index\n  on users (x)",
      error: "no such column",
      sqlstate: "42703",
    },
    kept: "zanith_shadow_1",
  } as const;
  expect(unicode(renderVerify({ report, migrations: ["m"], declared: "schema.sql" }, unicodeGlyphs))).toBe(
    lines(
      "▸ m",
      "  ✓ connect + reset        120 ms",
      "  ✗ apply on shadow         1.3 s",
      "  – introspect        not reached",
      "verdict: apply-failed   compared with schema.sql",
      "step 1 addIndex users(x) of m",
      "  no such column (42703)",
      "    create index",
      "      on users (x)",
      "kept: database zanith_shadow_1",
      "next: correct the migration, then: zanith migrate verify",
    ),
  );
  const drift = { verdict: "drift", stages: [], residual: [dropColumn] } as const;
  expect(unicode(renderVerify({ report: drift, migrations: [], declared: "schema.sql" }, unicodeGlyphs))).toBe(
    lines(
      "nothing is pending; the live schema itself is compared",
      "verdict: drift   compared with schema.sql",
      "still to be done to reach it (1):",
      "    3 dropColumn  users.legacy_uuid   [destructive 80]   access exclusive, instant   undo: addColumn, 2 more",
      "        drops_column_with_data: its values are gone",
      "        undo loses: its values",
      "next: zanith migrate generate, and review what it adds",
    ),
  );
});

test("a status tells what is applied, pending, unfinished and out of step, and the next command", () => {
  const view = {
    database: { name: "shop", version: "18.4", user: "deploy" },
    mode: "production",
    applied: Array.from({ length: 12 }, (_, index) => ({ id: `m${index}`, appliedAt: "2026-04-02 10:31:07+00" })),
    pending: [
      { id: "p0", steps: 6, applied: 3 },
      { id: "p1", steps: 1, applied: 0 },
    ],
    problems: [],
    drift: [],
    unfinished: [
      {
        migration: "p0",
        step: 3,
        kind: "addUnique",
        object: "users_key on users",
        status: "refused",
        error: "refused — preflight duplicates",
      },
      { migration: "p0", step: 4, kind: "addIndex", object: "i on users", status: "interrupted", error: null },
    ],
    models: 2,
    relations: 1,
  };
  expect(unicode(renderStatus(view, unicodeGlyphs)).split("\n")).toEqual([
    "shop  pg 18.4  role deploy  production   2 model(s), 1 relation(s)",
    "12 applied, 2 pending",
    "  … 2 earlier",
    ...Array.from({ length: 10 }, (_, index) => `  ✓ ${`m${index + 2}`.padEnd(3)}   applied 2026-04-02 10:31:07Z`),
    "  ↻ p0    3 of 6 steps applied",
    "  – p1    pending, 1 step",
    "Not finished:",
    "  ✗ p0 step 3 addUnique users_key on users   refused — preflight duplicates",
    "  ↻ p0 step 4 addIndex i on users   interrupted",
    "next: zanith migrate up",
    "",
  ]);
  const drifted = {
    ...view,
    applied: [],
    pending: [],
    unfinished: [],
    drift: ["table public.t is gone, the last snapshot has it"],
    runner: { pid: 4711, user: "deploy", application: null, since: "2026-04-02 10:31:07+00" },
  };
  expect(unicode(renderStatus(drifted, unicodeGlyphs)).split("\n").slice(2)).toEqual([
    "The live schema is not the last snapshot:",
    "  ~ table public.t is gone, the last snapshot has it",
    "running now: pid 4711, deploy since 2026-04-02 10:31:07Z",
    "",
  ]);
});

test("a diff is grouped by model, with counts for new and lost ones", () => {
  const users = { kind: "table", schema: "public", name: "users" } as const;
  const column = { kind: "column", schema: "public", table: "users", name: "id", type: "uuid", position: 1 } as const;
  const before = makeGraph([
    users,
    column,
    { ...column, name: "legacy_uuid", position: 2 },
    { ...column, name: "created_at", type: "timestamp", position: 3 },
    { kind: "enum", schema: "public", name: "mood", values: ["a"] },
  ]);
  const after = makeGraph([
    { ...users, comment: "people\u001b[2J" },
    column,
    { ...column, name: "created_at", type: "timestamptz", notNull: true, position: 2 },
    { ...column, name: "last_login", type: "timestamptz", position: 3 },
    {
      kind: "index",
      schema: "public",
      table: "users",
      name: "users_last_login_idx",
      definition: "btree (last_login)",
      columns: ["last_login"],
    },
    { kind: "enum", schema: "public", name: "mood", values: ["a", "b"] },
    { ...users, name: "lead" },
    { ...column, table: "lead" },
    { ...column, table: "lead", name: "n", position: 2 },
  ]);
  const changes = diffGraphs(before, after);
  expect(
    unicode(
      renderDiff(changes, unicodeGlyphs, {
        sizes: { before: { models: 1, relations: 0 }, after: { models: 2, relations: 0 } },
      }),
    ),
  ).toBe(
    lines(
      "1 → 2 models   0 → 0 relations",
      "",
      "+ public.lead   2 columns",
      "~ enum public.mood",
      "    values: (a) → (a, b)",
      "~ public.users   +2 −1 ~1",
      "    comment: none → people\\x1b[2J",
      "    ~ created_at",
      "        not null: none → yes",
      "        type: timestamp → timestamptz",
      "    + last_login  timestamptz",
      "    − legacy_uuid  uuid",
      "    + index users_last_login_idx  btree (last_login)",
    ),
  );
  expect(ascii(renderDiffSummary(changes, asciiGlyphs))).toBe(
    lines("  enum               ~1", "  table    +1        ~1", "  column   +3   -1   ~1", "  index    +1"),
  );
  expect(unicode(renderDiffSummary([], unicodeGlyphs))).toBe("no differences\n");
});
