/**
 * The guided path on a throwaway server: a small shop, a changed schema, and every command a person would type, with a
 * word on what they are looking at. Waits for Enter between chapters on a terminal, runs through without one.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import postgres from "postgres";
import { shellWord } from "../src/base/shell.ts";
import { startCluster } from "../test/support/cluster.ts";

const root = resolve(import.meta.dir, "..");
const fixture = (name: string): string => join(root, "fixtures", "demo", name);
const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true && !process.env["CI"];
const colour = process.stdout.isTTY === true && !process.env["NO_COLOR"];
const bold = (text: string): string => (colour ? `\x1b[1m${text}\x1b[0m` : text);
const dim = (text: string): string => (colour ? `\x1b[2m${text}\x1b[0m` : text);

function say(text = ""): void {
  process.stdout.write(`${text}\n`);
}

async function chapter(title: string, explanation: string): Promise<void> {
  if (interactive) {
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    await lines.question(dim("\n  Enter to go on "));
    lines.close();
  }
  say();
  say(bold(`── ${title} ${"─".repeat(Math.max(4, 92 - title.length))}`));
  for (const line of explanation.split("\n")) say(dim(`   ${line.trim()}`));
  say();
}

/** Runs one command of the tool, shows it, and checks that it ended as this demo says it does. */
async function zanith(folder: string, url: string, args: readonly string[], expected = 0): Promise<void> {
  say(bold(`$ zanith ${args.map(shellWord).join(" ")}`));
  const child = Bun.spawn([process.execPath, join(root, "src", "main.ts"), ...args], {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: url, ZANITH_DATABASE_URL: "" },
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  const code = await child.exited;
  if (code !== expected) throw new Error(`zanith ${args.join(" ")} ended with ${code}, the demo expected ${expected}`);
  if (code !== 0) say(dim(`   exit code ${code}`));
  say();
}

const started = performance.now();
say(bold("zanith demo: a schema change from diff to audit trail"));
say(dim("   starting a throwaway Postgres server …"));
const cluster = await startCluster();
const folder = mkdtempSync(join(tmpdir(), "zanith-demo-"));
process.once("SIGINT", () => {
  rmSync(folder, { recursive: true, force: true });
  cluster.remove().finally(() => {
    process.exitCode = 130;
  });
});
try {
  const admin = postgres(cluster.url, { max: 1, onnotice: () => {} });
  await admin.unsafe("create database shop_prod");
  await admin.end();
  const url = new URL(cluster.url);
  url.pathname = "/shop_prod";
  const shop = postgres(url.href, { max: 1, onnotice: () => {} });
  await shop.unsafe(readFileSync(fixture("shop.sql"), "utf8"));
  await shop.unsafe(readFileSync(fixture("rows.sql"), "utf8"));
  await shop.unsafe("analyze");
  await shop.end();
  say(dim(`   Postgres ${cluster.version} is up; database shop_prod has 4 tables and 46 500 rows`));
  const run = (args: readonly string[], expected = 0): Promise<void> => zanith(folder, url.href, args, expected);

  await chapter(
    "1. A project beside a live database",
    "init writes the live schema as schema.sql, a configuration, and a baseline snapshot into the database.",
  );
  await run(["init", "--mode", "production"]);

  await chapter(
    "2. The developers change schema.sql",
    "A column is dropped, one is added, a foreign key and indexes appear, an enum grows, a table is new.\nThe diff below is between the live database and the file; nothing is written anywhere.",
  );
  copyFileSync(fixture("shop-next.sql"), join(folder, "schema.sql"));
  await run(["diff", "live", "schema.sql", "--summary"]);

  await chapter(
    "3. generate",
    "The same difference as a migration file: data, not code, to be reviewed and committed.",
  );
  await run(["migrate", "generate", "--name", "spring release", "--drops", "hard"]);

  await chapter(
    "4. plan: what each step does, to whom, and what stands in its way",
    "Each step has a level, a score, the locks it takes and how it is undone. Below them the seven gates:\nproduction allows scores up to 60 and no drops without consent, so this plan does not pass (exit code 3).",
  );
  await run(["migrate", "plan"], 3);

  await chapter(
    "5. up is refused, on purpose",
    "A gate says no, nothing is changed, and the refusal itself is a row in the ledger. Exit code 3.",
  );
  await run(["migrate", "up", "--yes"], 3);

  await chapter(
    "6. verify: prove it on a shadow",
    "A throwaway copy of the live schema (never of its data) takes the migration; what comes out is compared\nwith the declared schema. Production is only read.",
  );
  await run(["migrate", "verify"]);

  await chapter(
    "7. up, with consent",
    "The ceiling is raised and the drop is allowed, by name, for this run only.\nIndexes are built CONCURRENTLY, constraints are added NOT VALID and validated in a second transaction.",
  );
  await run(["migrate", "up", "--yes", "--max-risk", "80", "--allow-destructive"]);

  await chapter(
    "8. history --verbose",
    "What ran, when, how risky, how long: read from five plain tables in the database.",
  );
  await run(["migrate", "history", "--verbose"]);

  await chapter("9. snapshot diff", "The whole schema was stored before and after. Any two snapshots can be compared.");
  await run(["snapshot", "list"]);
  const snapshots = postgres(url.href, { max: 1, onnotice: () => {} });
  const rows = await snapshots`select migration_id from public._zanith_schema_snapshots order by captured_at`;
  await snapshots.end();
  await run(["snapshot", "diff", String(rows[0]?.["migration_id"]), "live"]);

  await chapter("10. audit", "One of six questions the ledger answers; --sql prints the query.");
  await run(["migrate", "audit", "broke"]);
  say(dim(`   done in ${((performance.now() - started) / 1000).toFixed(1)} s; the server and its data are removed`));
} finally {
  rmSync(folder, { recursive: true, force: true });
  await cluster.remove();
}
