// What a schema says of its renames reaches the plan of the command line, and without it a rename stays a drop and an add.
import { expect, test } from "bun:test";
import { runCli } from "../support/run-cli.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { withDatabase } from "../support/with-database.ts";

const db = await withDatabase({ sql: "create table people (id int primary key, mail text)" });
const limitMs = 60_000;
const said = `-- zanith:renamed-from people
create table users (
  id int constraint people_pkey primary key,
  email text -- zanith:renamed-from mail
);`;

async function diffTo(schema: string): Promise<{ readonly kinds: readonly string[]; readonly notes: string }> {
  const cwd = tempFolder({ "schema.sql": schema });
  const env = { ZANITH_DATABASE_URL: db.url };
  const { stdout, stderr } = await runCli(["diff", db.url, "schema.sql", "--sql"], { cwd, env });
  const kinds = ["rename to", "rename column", "drop table", "create table"].filter((words) => stdout.includes(words));
  return { kinds, notes: stderr };
}

test(
  "a rename that is said in the schema is planned as one",
  async () => expect((await diffTo(said)).kinds).toEqual(["rename to", "rename column"]),
  limitMs,
);

test(
  "a rename that is said is told as one, beside what else differs",
  async () => {
    const cwd = tempFolder({ "schema.sql": said.replace("email text --", "email varchar --") });
    const shown = async (...options: string[]) =>
      (await runCli(["diff", db.url, "schema.sql", ...options], { cwd, env: { ZANITH_DATABASE_URL: db.url } })).stdout;
    expect(await shown()).toBe(`1 → 1 models   0 → 0 relations

~ renamed people to users
~ renamed users.mail to email
~ public.users   ~1
    ~ email
        type: text → character varying
`);
    expect(await shown("--summary")).toBe(`1 → 1 models   0 → 0 relations
  renamed   ~2
  column    ~1
`);
  },
  limitMs,
);

test(
  "without it the table is dropped and made anew, and the note names the likely rename",
  async () => {
    const { kinds, notes } = await diffTo(said.replaceAll(/-- zanith.*/g, "").replace("email", "mail"));
    expect(kinds).toEqual(["drop table", "create table"]);
    expect(notes).toContain("--rename people=users");
  },
  limitMs,
);
