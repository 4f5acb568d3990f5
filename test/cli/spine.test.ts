// The spine on a real Postgres, as a person and as a script walk it: init, generate, plan, verify, up, history, down.
import { beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CliResult, parseNdjson, runCli } from "../support/run-cli.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { withDatabase } from "../support/with-database.ts";

const db = await withDatabase({
  sql: `create table public.users (id bigint primary key, email text not null, legacy_code text);
        create table public.orders (id bigint primary key, customer_id bigint);
        insert into public.users values (1, 'a@x', 'A'), (2, 'b@x', 'B');
        insert into public.orders values (10, 1), (11, 77);
        create conversion public.everyone for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;`,
});
const folder = tempFolder();
const declared = `create table public.users (id bigint primary key, email text not null, last_login timestamptz);
create table public.orders (id bigint primary key, customer_id bigint);
alter table public.orders add constraint orders_customer_fk foreign key (customer_id) references public.users (id);
create conversion public.everyone for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;`;

const zanith = (...args: readonly string[]): Promise<CliResult> =>
  runCli(args, { cwd: folder, env: { ZANITH_DATABASE_URL: db.url } });
const json = async (...args: readonly string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await zanith(...args, "--json")).stdout);
/** What differs from run to run, made the same. */
const steady = (text: string): string =>
  text
    .replaceAll(db.name, "DB")
    .replaceAll(folder, "DIR")
    .replace(/\d{8}_\d{6}_/g, "ID_")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, "WHEN")
    .replace(/ +\d+(\.\d)? m?s$/gm, " TIME")
    .replace(/pg \d+(\.\d+)?/g, "pg N")
    .replace(/role \S+/g, "role ROLE")
    .replace(/\b[0-9a-f]{12}$/gm, "HASH");
const notModelled = "not modelled yet (1 object), left alone:\n  conversion: public.everyone\n";

describe("the spine", () => {
  let migration = "";

  beforeAll(async () => {
    const { exitCode, stdout, stderr } = await zanith("init", "--mode", "staging");
    expect({ exitCode, stdout: steady(stdout), stderr }).toEqual({
      exitCode: 0,
      stdout: `✓ zanith.config.json   written
✓ schema.sql   written
✓ migrations/   written
✓ ID_baseline   baseline snapshot: 2 model(s), 0 relation(s)
mode: staging
next: change the schema file, then: zanith migrate generate
`,
      stderr: notModelled,
    });
    writeFileSync(join(folder, "schema.sql"), declared);
    const generated = await json("migrate", "generate", "--name", "link orders", "--drops", "hard");
    migration = String(generated["id"]);
  });

  test("generate wrote one reviewable file, and a second one waits for the first to be applied", async () => {
    expect(readdirSync(join(folder, "migrations"))).toEqual([`${migration}.json`]);
    const { ops } = JSON.parse(readFileSync(join(folder, "migrations", `${migration}.json`), "utf8")) as {
      ops: { kind: string }[];
    };
    expect(ops.map(({ kind }) => kind)).toEqual(["addColumn", "addForeignKey", "dropColumn"]);
    const again = await zanith("migrate", "generate");
    expect(again).toMatchObject({ exitCode: 64, stdout: "" });
    expect(again.stderr).toStartWith(`${migration} is not applied yet\n`);
  });

  test("plan shows steps and gates, and exits 3 because live rows and a drop stand in the way", async () => {
    const { exitCode, stdout, stderr } = await zanith("migrate", "plan");
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: notModelled });
    expect(steady(stdout)).toContain(`DB  pg N  role ROLE  staging

▸ ID_link_orders   3 steps   worst: destructive 80
    0 addColumn      users.last_login               [safe 5]           access exclusive, instant`);
    expect(steady(stdout)).toContain(`  gates
  ✓ max-risk           no step above 80
  ✗ allow-destructive  step 2 dropColumn users.legacy_code destroys data or objects that cannot be brought back
    → --allow-destructive
  ✓ fail-on            no reason codes are listed
  ✗ preflight          rows are in the way of step 1
    step 1: values of orders(customer_id) without a row of users(id)
      customer_id
      -----------
               77
`);
  });

  test("plan as JSON and as SQL is for programs", async () => {
    const { migrations, mode, unmodelled } = await json("migrate", "plan", "--allow-destructive");
    expect({ mode, unmodelled }).toEqual({
      mode: "staging",
      unmodelled: [{ kind: "conversion", name: "public.everyone" }],
    });
    expect(migrations).toMatchObject([
      {
        id: migration,
        worst: { level: "destructive", score: 80 },
        steps: [{ kind: "addColumn" }, { kind: "addForeignKey" }, { kind: "dropColumn" }],
      },
    ]);
    const sql = await zanith("migrate", "plan", "--sql", "--offline");
    expect(sql).toMatchObject({ exitCode: 3, stderr: "" });
    expect(sql.stdout).toContain("alter table public.orders validate constraint orders_customer_fk;");
  });

  test("up is refused by the first gate that fails, with four lines, and the refusal is recorded", async () => {
    const { exitCode, stderr } = await zanith("migrate", "up", "--yes");
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: `dropColumn users.legacy_code refused by gate allow-destructive
  step 2 dropColumn users.legacy_code destroys data or objects that cannot be brought back
  nothing was changed; the refusal is recorded
  zanith migrate up --allow-destructive
`,
    });
    const broke = await json("migrate", "audit", "broke");
    expect(broke["rows"]).toEqual([[migration, "dropColumn", "refused — destructive without consent"]]);
  });

  test("verify proves the migration on a shadow, one event per line with --json and the result last", async () => {
    const { exitCode, stdout } = await zanith("migrate", "verify", "--json");
    const events = parseNdjson(stdout) as readonly Record<string, unknown>[];
    expect(exitCode).toBe(0);
    expect(events.at(-1)).toMatchObject({
      type: "result",
      report: { verdict: "ok" },
      migrations: [migration],
      declared: join(folder, "schema.sql"),
    });
    expect(events.slice(0, -1).map(({ type }) => type)).not.toContain("result");
    expect(events.filter(({ type, status }) => type === "verify.stage" && status === "finished")).toHaveLength(4);
  });

  test("without a person up asks for --yes, and nothing waits for an answer", async () => {
    await db.query("delete from public.orders where customer_id = 77");
    const { exitCode, stderr } = await zanith("migrate", "up", "--allow-destructive");
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: `${migration} refused by gate confirm
  nobody confirmed the run
  nothing was changed; the refusal is recorded
  zanith migrate up --yes, or type the database's name at the prompt
`,
    });
  });

  test("up applies, a line per step, and has nothing to do the second time", async () => {
    const { exitCode, stdout, stderr } = await zanith("migrate", "up", "--yes", "--allow-destructive");
    expect({ exitCode, stdout: steady(stdout), stderr }).toEqual({
      exitCode: 0,
      stdout: `▸ ID_link_orders
  ✓ 0 addColumn            users.last_login                           [safe 5] TIME
  ✓ 1 addForeignKey        orders_customer_fk on orders               [medium 35] TIME
  ✓ 2 dropColumn           users.legacy_code                          [destructive 80] TIME
  snapshot: 2 model(s), 1 relation(s)
1 migration applied
`,
      stderr: "",
    });
    expect(await zanith("migrate", "up", "--yes")).toMatchObject({
      exitCode: 0,
      stdout: "nothing is pending\n",
      stderr: "",
    });
  });

  test("history and status read as documented", async () => {
    const { stdout } = await zanith("migrate", "history", "--verbose", "--since", "7d");
    expect(steady(stdout)).toBe(`Applied migrations (1):
▸ ID_link_orders   applied WHEN   worst: destructive 80
  ✗ 2 dropColumn     users.legacy_code              [destructive 80]
      refused — destructive without consent
  ✗ 0 addColumn      users.last_login               [safe 5]
      refused — not confirmed
  ✓ 0 addColumn      users.last_login               [safe 5] TIME
  ✓ 1 addForeignKey  orders_customer_fk on orders   [medium 35] TIME
  ✓ 2 dropColumn     users.legacy_code              [destructive 80] TIME
  snapshot: 2 model(s), 1 relation(s)
`);
    expect(steady((await zanith("migrate", "history", "--since", "2999-01-01")).stdout)).toBe(
      "Applied migrations (0):\n",
    );
    expect(
      steady((await zanith("migrate", "status")).stdout),
    ).toBe(`DB  pg N  role ROLE  staging   2 model(s), 1 relation(s)
1 applied, 0 pending
  ✓ ID_link_orders   applied WHEN
`);
  });

  test("audit answers as table, CSV and SQL", async () => {
    const [title, head, rule, row] = (await zanith("migrate", "audit", "recent")).stdout.split("\n");
    expect([title, head?.split(/ +/), rule?.replaceAll(/[- ]/g, "")]).toEqual([
      "What changed recently?",
      ["id", "applied_at", "steps", "worst"],
      "",
    ]);
    expect(row).toMatch(new RegExp(`^${migration}  \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ      3     80$`));
    const csv = await zanith("migrate", "audit", "slowest", "--csv");
    expect(csv.stdout.split("\n")[0]).toBe("operation_kind,avg_ms,runs");
    const { stdout: sql } = await zanith("migrate", "audit", "riskiest", "--sql");
    expect(await db.query(sql)).toMatchObject([{ migration_id: migration, worst: 80 }]);
    expect(await zanith("migrate", "audit", "nonsense")).toMatchObject({ exitCode: 64, stdout: "" });
  });

  test("snapshots are listed, shown, exported and compared without a database", async () => {
    expect(
      steady((await zanith("snapshot", "list")).stdout)
        .split("\n")
        .map((row) => row.replace(/ +/g, " ")),
    ).toEqual([
      "ID_baseline baseline WHEN 2 model(s) 0 relation(s) HASH",
      "ID_link_orders after WHEN 2 model(s) 1 relation(s) HASH",
      "",
    ]);
    expect((await zanith("snapshot", "show")).stdout).toContain(
      "  public.orders   2 columns   refers to 1   referred by 0\n",
    );
    const [baseline] = (await json("snapshot", "list"))["snapshots"] as readonly { readonly migration: string }[];
    expect(await zanith("snapshot", "export", String(baseline?.migration), "--output", "before.json")).toMatchObject({
      exitCode: 0,
    });
    const after = await zanith("snapshot", "export");
    writeFileSync(join(folder, "after.json"), after.stdout);
    const offline = await runCli(["snapshot", "diff", "before.json", "after.json"], { cwd: folder });
    expect(offline).toMatchObject({
      exitCode: 0,
      stdout: `2 → 2 models   0 → 1 relations

~ public.orders   +1
    + foreign key orders_customer_fk  (customer_id) references public.users(id)
~ public.users   +1 −1
    + last_login  timestamp with time zone
    − legacy_code  text
`,
      stderr: notModelled,
    });
    const taken = await zanith("snapshot", "export", "--output", "before.json");
    expect(taken).toMatchObject({ exitCode: 64, stdout: "" });
    expect(taken.stderr).toContain("there is a file of that name already");
  });

  test("diff takes two sources and gives text, counts, SQL, JSON and an exit code", async () => {
    const exit = await runCli(["diff", "before.json", "after.json", "--summary", "--exit-code"], { cwd: folder });
    expect(exit).toMatchObject({
      exitCode: 2,
      stdout: "2 → 2 models   0 → 1 relations\n  column        +1   −1\n  foreign key   +1\n",
    });
    expect((await runCli(["diff", "after.json", "after.json", "--exit-code"], { cwd: folder })).exitCode).toBe(0);
    const { stdout: sql } = await runCli(["diff", "before.json", "after.json", "--sql"], { cwd: folder });
    expect(sql).toContain("alter table public.users drop column legacy_code;");
    const document = JSON.parse(
      (await runCli(["diff", "before.json", "after.json", "--json"], { cwd: folder })).stdout,
    );
    expect(document).toMatchObject({
      sizes: { before: { models: 2, relations: 0 }, after: { models: 2, relations: 1 } },
      operations: [{ kind: "addColumn" }, { kind: "addForeignKey" }, { kind: "dropColumn" }],
      unmodelled: { a: [{ kind: "conversion", name: "public.everyone" }] },
    });
  });

  test("drift exits 2 when the live schema is not the last snapshot", async () => {
    expect(await zanith("drift")).toMatchObject({
      exitCode: 0,
      stdout: "2 → 2 models   1 → 1 relations\nno differences\n",
    });
    await db.query("create index by_email on public.users (email)");
    const { exitCode, stdout } = await zanith("drift");
    expect({ exitCode, stdout }).toEqual({
      exitCode: 2,
      stdout: "2 → 2 models   1 → 1 relations\n\n~ public.users   +1\n    + index by_email  btree (email)\n",
    });
    expect(await json("drift")).toMatchObject({
      drift: true,
      changes: [{ type: "create", id: "index:public.by_email" }],
    });
    await db.query("drop index public.by_email");
  });

  test("down says what does not come back, undoes, and has nothing left to undo", async () => {
    const dry = await zanith("migrate", "down", "--dry-run", "--yes");
    expect(steady(dry.stdout)).toContain("dry run: nothing was changed");
    const { exitCode, stdout } = await zanith("migrate", "down", "--yes", "--allow-destructive");
    expect(exitCode).toBe(0);
    expect(stdout).toEndWith("1 migration undone\n");
    expect(await zanith("migrate", "down", "--yes")).toMatchObject({ exitCode: 0, stdout: "nothing to undo\n" });
    const columns = await db.query(
      "select attname from pg_catalog.pg_attribute where attrelid = 'public.users'::regclass and attnum > 0 and not attisdropped order by attnum",
    );
    expect(columns.map((row) => row["attname"])).toEqual(["id", "email", "legacy_code"]);
  });
});
