// Printed commands can be pasted: a real shell takes them apart into the words that were meant.
import { expect, test } from "bun:test";
import { commandLine, shellWord } from "../../src/base/shell.ts";

const texts = [
  "spring release",
  "it's",
  "a'b\"c",
  "$(touch x)`y`",
  'users."By Id"',
  "~",
  "*",
  "",
  "a\nb",
  "\u001b[2J",
  "\u202ex",
  "né🚀",
  "a\\b",
  "--x",
  "20260402_103000_x::archive_column::users.code",
];

for (const text of texts) {
  test(`bash reads ${JSON.stringify(text)} as one word`, () => {
    const child = Bun.spawnSync(["bash", "-c", `printf "%s" ${shellWord(text)}`], {
      env: { LC_ALL: "C.UTF-8", PATH: process.env["PATH"] },
    });
    expect(child.stdout.toString()).toBe(text);
  });
}

test("plain words stay as they are and nothing else does", () => {
  expect(commandLine`zanith recover purge ${"20260402_x::archive_table::users"}`).toBe(
    "zanith recover purge 20260402_x::archive_table::users",
  );
  expect(commandLine`zanith snapshot show ${'public."a b"'} --relations ${2}`).toBe(
    "zanith snapshot show 'public.\"a b\"' --relations 2",
  );
});

test("no quoted word could move a cursor", () => {
  expect(shellWord("\u001b[2J")).toBe("$'\\x1b[2J'");
});
