// Made-up but real data for screens: two schemas, the plan between them by the planner itself, a ledger with every status.
import { planOperations } from "../../src/diff/plan-operations.ts";
import { makeGraph, type SchemaGraph } from "../../src/model/graph.ts";
import type { SchemaObject } from "../../src/model/object.ts";
import { evaluateGates } from "../../src/risk/gates.ts";
import { planSteps, worstStep } from "../../src/risk/plan.ts";
import type { ArtifactRow } from "../../src/tui/artifact-rows.ts";
import { compareSchemas } from "../../src/tui/comparison.ts";
import { type Action, initialState, type Readings, type State } from "../../src/tui/state.ts";
import { stepEffects } from "../../src/tui/step-effects.ts";
import { reduce } from "../../src/tui/store.ts";
import type { HistoryResult } from "../../src/usecase/history.ts";
import type { PlanResult } from "../../src/usecase/plan.ts";
import type { StatusResult } from "../../src/usecase/status.ts";

const column = (table: string, name: string, position: number, type: string, more: object = {}): SchemaObject => ({
  kind: "column",
  schema: "public",
  table,
  name,
  position,
  type,
  ...more,
});

/** The schema before: two tables, or tables with the given names. */
export function schemaBefore(users = "users", orders = "orders"): SchemaGraph {
  return makeGraph([
    { kind: "schema", name: "public" },
    { kind: "table", schema: "public", name: users },
    column(users, "id", 1, "bigint", { notNull: true }),
    column(users, "email", 2, "text"),
    column(users, "created_at", 3, "timestamp without time zone"),
    column(users, "legacy_uuid", 4, "uuid"),
    { kind: "primaryKey", schema: "public", table: users, name: "users_pkey", columns: ["id"] },
    { kind: "table", schema: "public", name: orders },
    column(orders, "id", 1, "bigint", { notNull: true }),
    column(orders, "user_id", 2, "bigint"),
    { kind: "primaryKey", schema: "public", table: orders, name: "orders_pkey", columns: ["id"] },
  ]);
}

/** The schema after: columns, an index, a relation and a table more, a column less. */
export function schemaAfter(users = "users", orders = "orders"): SchemaGraph {
  const kept = [...schemaBefore(users, orders).objects.values()].filter(
    (object) => !(object.kind === "column" && (object.name === "legacy_uuid" || object.name === "created_at")),
  );
  return makeGraph([
    ...kept,
    column(users, "created_at", 3, "timestamp with time zone"),
    column(users, "last_login", 4, "timestamp with time zone"),
    {
      kind: "index",
      schema: "public",
      table: users,
      name: "users_last_login_idx",
      definition: "btree (last_login)",
      columns: ["last_login"],
    },
    {
      kind: "foreignKey",
      schema: "public",
      table: orders,
      name: "orders_user_id_fkey",
      columns: ["user_id"],
      references: { schema: "public", table: users, columns: ["id"] },
    },
    { kind: "table", schema: "public", name: "leads" },
    column("leads", "id", 1, "bigint"),
  ]);
}

export interface SampleNames {
  readonly database?: string;
  readonly migration?: string;
  readonly users?: string;
  readonly orders?: string;
  readonly user?: string;
  readonly error?: string;
}

/** Everything the screens read, for a database of these names. */
export function sampleReadings(names: SampleNames = {}): Readings {
  const {
    database = "shop_prod",
    migration = "20260501_113022_add_last_login",
    users = "users",
    orders = "orders",
    user = "deploy",
    error = 'there is no unique constraint matching given keys for referenced table "users" (42830)',
  } = names;
  const before = schemaBefore(users, orders);
  const after = schemaAfter(users, orders);
  const { operations } = planOperations(before, after, { server: 180000 });
  const steps = planSteps(operations, before, { server: 180000 });
  const about = { name: database, version: "18.4", user };
  const gates = evaluateGates(
    steps,
    { maxRisk: 60, allowDestructive: false, failOn: [], requireVerified: true, requireConfirmation: true },
    {
      migration,
      offending: [
        {
          step: steps.findIndex(({ kind }) => kind === "addForeignKey"),
          probe: "orphans",
          question: `${orders}.user_id points at rows of ${users} that do not exist`,
          columns: ["user_id"],
          rows: [["10532"], ["10977"]],
          advice: "delete the rows or add the users they belong to",
        },
      ],
      verified: false,
      drift: [],
    },
  );
  const plan: PlanResult = {
    mode: "production",
    database: about,
    migrations: [{ id: migration, steps, applied: [], gates, worst: worstStep(steps) }],
    notKnown: ["not known: how often users is written to"],
    unmodelled: [{ kind: "view", name: "public.report" }],
  };
  const status: StatusResult = {
    database: about,
    mode: "production",
    applied: [{ id: "20260402_103000_drop_legacy_code", appliedAt: "2026-04-02T10:31:07.000000Z" }],
    pending: [{ id: migration, steps: steps.length, applied: 0, operations: "0".repeat(64) }],
    problems: [],
    drift: [],
    unfinished: [{ migration, step: 2, kind: "addForeignKey", object: `${orders}.user_id`, status: "failed", error }],
    models: 2,
    relations: 0,
    unmodelled: [],
  };
  const attempt = (index: number, kind: string, object: string, more: object) => ({
    index,
    kind,
    object,
    status: "applied" as const,
    level: "low",
    score: 15,
    error: null,
    sql: `-- op 0123456789abcdef ${object}\ncreate index concurrently ${object} on public.${users} using btree (email);`,
    startedAt: "2026-04-02T10:30:00.000000Z",
    durationMs: 41,
    ...more,
  });
  const history: HistoryResult = {
    database,
    entries: [
      {
        migration: "20260402_103000_drop_legacy_code",
        appliedAt: "2026-04-02T10:31:07.000000Z",
        worst: { level: "medium", score: 35 },
        durationMs: 41_200,
        steps: [attempt(0, "archiveColumn", `${users}.legacy_code`, { level: "medium", score: 35 })],
        snapshot: { models: 2, relations: 0 },
      },
      {
        migration,
        appliedAt: null,
        worst: { level: "medium", score: 35 },
        durationMs: 3_000,
        steps: [
          attempt(0, "addColumn", `${users}.last_login`, { level: "safe", score: 5 }),
          attempt(1, "addIndex", `${users}(last_login)`, { status: "interrupted", durationMs: 2_000 }),
          attempt(2, "addForeignKey", `${orders}.user_id`, { status: "failed", level: "medium", score: 35, error }),
        ],
      },
    ],
  };
  const answer = (question: string, title: string, columns: string[], rows: (string | null)[][]) => ({
    question,
    title,
    sql: "select migration_id, operation_kind, error\nfrom public._zanith_migration_steps\norder by 1",
    columns,
    rows,
  });
  const artifact = (more: Partial<ArtifactRow>): ArtifactRow => {
    const { type = "archive_table", table = `public.${users}`, column = null } = more;
    const of = [table, ...(column === null ? [] : [column])].join(".");
    return {
      id: `20260402_103000_drop_legacy_code::${type}::${of}`,
      migration: "20260402_103000_drop_legacy_code",
      step: 0,
      type,
      table,
      column,
      physical: `_zanith_shadow."${of}_1f2e3d4c"`,
      rows: null,
      bytes: "3891200",
      checksum: null,
      status: "live",
      createdAt: "2026-04-02T10:31:07.000000Z",
      expiresAt: "2026-05-02T10:31:07.000000Z",
      ageSeconds: 29 * 86_400,
      expired: false,
      ...more,
    };
  };
  return {
    status,
    plan,
    history,
    audit: answer(
      "broke",
      "What broke this week?",
      ["migration_id", "operation_kind", "error"],
      [[migration, "addForeignKey", error]],
    ),
    snapshots: [
      {
        source: "live",
        name: "live",
        phase: "the schema as it is now",
        capturedAt: null,
        models: null,
        relations: null,
      },
      {
        source: "snapshot:20260402_103000_drop_legacy_code",
        name: "20260402_103000_drop_legacy_code",
        phase: "after",
        capturedAt: "2026-04-02T10:31:07.000000Z",
        models: 2,
        relations: 0,
      },
      {
        source: "snapshot:20260301_090000_baseline",
        name: "20260301_090000_baseline",
        phase: "baseline",
        capturedAt: "2026-03-01T09:00:00.000000Z",
        models: 2,
        relations: 0,
      },
    ],
    effects: stepEffects(before, plan),
    backfills: [],
    comparison: compareSchemas("before.json", before, "after.json", after),
    artifacts: [
      artifact({
        type: "archive_column",
        column: "legacy_code",
        rows: "46500",
        checksum: "9a15e1d0c4b7a2f3".repeat(4),
      }),
      artifact({ type: "soft_drop_table", table: `public.${orders}_old`, rows: "1200", status: "restored" }),
      artifact({
        type: "archive_table",
        table: "public.sessions",
        rows: "3100000",
        checksum: "0".repeat(64),
        ageSeconds: 40 * 86_400,
        expired: true,
      }),
    ],
  };
}

export const sizes = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 200, rows: 60 },
] as const;

/** A state on a screen with everything read, and then some actions. */
export function sampleState(
  size: { readonly columns: number; readonly rows: number },
  actions: readonly Action[] = [],
  readings: Readings = sampleReadings(),
): State {
  const start = initialState({
    ...size,
    theme: "dark",
    mode: "production",
    ceiling: 60,
    offline: false,
    screen: "home",
    epoch: Date.parse("2026-05-01T11:30:00Z"),
  });
  const read = (Object.keys(readings) as (keyof Readings)[]).map(
    (name): Action => ({ type: "read", name, reading: { status: "ready", value: readings[name] } }),
  );
  return [...read, ...actions].reduce(reduce, start);
}
