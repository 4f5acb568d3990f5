// A password in a migration of raw SQL reaches the server, and nothing that is recorded or printed.
import { expect, test } from "bun:test";
import { runCli } from "../support/run-cli.ts";
import { withProjects } from "../support/workspace.ts";

const projects = await withProjects();
const role = `zanith_secret_${process.pid}`;

const statements = `create role ${role} login password 'hunter2-first';
alter role ${role} password 'hunter2-second';
do $$ begin execute 'alter role ${role} password ''hunter2-third'''; end $$;
create extension postgres_fdw;
create server far foreign data wrapper postgres_fdw options (host 'h');
create user mapping for current_user server far options (user 'remote', password 'hunter2-fourth');
`;

test("passwords in raw SQL are run and masked wherever the run leaves a trace", async () => {
  const project = await projects.start();
  const { database, workspace } = project;
  const zanith = (...args: readonly string[]) =>
    runCli([...args, "--mode", "development"], { cwd: workspace.cwd, env: { ZANITH_DATABASE_URL: database.url } });
  project.file("20260401_100001_app.sql", statements);
  project.file("20260401_100002_bad.sql", "create role nobody password 'hunter2-fifth' in role no_such_role_here;");
  try {
    const seen: string[] = [];
    const run = async (code: number, ...args: readonly string[]): Promise<string> => {
      const { stdout, stderr, exitCode } = await zanith(...args);
      seen.push(`$ ${args.join(" ")}\n${stdout}\n${stderr}`);
      expect({ args, exitCode, stderr }).toEqual({ args, exitCode: code, stderr });
      return stdout;
    };
    expect(await run(0, "migrate", "plan", "--sql")).toContain(`create role ${role} login password '****';`);
    await run(0, "migrate", "plan", "--verbose");
    await run(0, "migrate", "plan", "--json");
    await run(0, "migrate", "up", "--dry-run", "--json");
    await run(4, "migrate", "up", "--json");
    await run(0, "migrate", "history", "--verbose", "--json");
    await run(0, "migrate", "audit", "broke", "--json");
    expect(
      await database.query(`select rolname from pg_authid where rolname = '${role}' and rolpassword is not null`),
    ).toHaveLength(1);
    expect(await database.query("select umoptions::text as options from pg_user_mapping")).toEqual([
      { options: "{user=remote,password=hunter2-fourth}" },
    ]);
    for (const table of ["steps", "schema_snapshots", "artifacts"]) {
      const name = table === "schema_snapshots" ? table : `migration_${table}`;
      const rows = await database.query(`select t::text as row from _zanith_${name} t`);
      seen.push(JSON.stringify(rows));
    }
    const leaks = seen.filter((text) => text.includes("hunter2"));
    expect(leaks).toEqual([]);
    const [recorded] = await database.query(
      "select sql from _zanith_migration_steps where step_index = 5 and status = 'applied'",
    );
    expect(String(recorded?.["sql"])).toContain("options (user 'remote', password '****')");
  } finally {
    await database.query(`drop owned by ${role}; drop role ${role}`).catch(() => []);
  }
});

test("a script that cannot be read is refused without the password that stands where it went wrong", async () => {
  const project = await projects.start();
  project.file("20260401_100001_app.sql", "create role app login\n  password hunter2;\n");
  const { stdout, stderr } = await runCli(["migrate", "plan"], {
    cwd: project.workspace.cwd,
    env: { ZANITH_DATABASE_URL: project.database.url },
  });
  expect(stdout + stderr).not.toContain("hunter2");
  expect(stderr).toContain("****");
});
