/** The helpers that need no server: the tool as a process, terminals, NDJSON, dumps, waiting. */
import { expect, test } from "bun:test";
import { normalizeDump } from "../support/pg-dump.ts";
import { spawnPty } from "../support/pty.ts";
import { parseNdjson, runCli, startCli } from "../support/run-cli.ts";
import { virtualTerminal } from "../support/virtual-terminal.ts";
import { waitFor } from "../support/wait-for.ts";

test("the tool runs in a home of its own, without the tester's Postgres variables and with nothing on stdin", async () => {
  process.env["PGPASSWORD"] = "secret";
  try {
    const { exitCode, stdout, stderr } = await runCli(["-c", 'env; cat; echo "$1" >&2; exit 3', "sh", "an argument"], {
      binary: "/bin/sh",
      env: { PGHOST: "given", TZ: undefined },
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: "an argument\n" });
    const variables = stdout.split("\n").map((line) => line.split("=")[0]);
    expect(variables.filter((name) => /^(?:PGPASSWORD|PGHOST|TZ|ZANITH.*)$/.test(name ?? ""))).toEqual(["PGHOST"]);
    expect(stdout).not.toContain(`HOME=${process.env["HOME"]}\n`);
  } finally {
    delete process.env["PGPASSWORD"];
  }
});

test("a running tool can be watched, killed, and told from one that ended", async () => {
  const tool = startCli(["-c", "echo ready; exec sleep 60"], { binary: "/bin/sh" });
  await tool.until("ready");
  tool.kill("SIGTERM");
  const { exitCode, signal, stdout } = await tool.result;
  expect({ exitCode, signal, stdout }).toEqual({ exitCode: undefined, signal: "SIGTERM", stdout: "ready\n" });
});

test("waiting for output that never comes shows what came instead", async () => {
  const tool = startCli(["-c", "echo other"], { binary: "/bin/sh" });
  await expect(tool.until("ready")).rejects.toThrow('the output never contained "ready":\nother\n');
  await tool.result;
});

test("a tool that does not end is killed and reported", async () => {
  const endless = runCli(["-c", "echo before; exec sleep 60"], { binary: "/bin/sh", timeoutMs: 300 });
  await expect(endless).rejects.toThrow("did not end within 300 ms:\nbefore\n");
});

test("the tool reads what stdin was given", async () => {
  const { stdout } = await runCli(["-c", "cat"], { binary: "/bin/sh", stdin: "typed" });
  expect(stdout).toBe("typed");
});

test("NDJSON is one value per line, and a bad line is named", () => {
  expect(parseNdjson('{"a":1}\n[2]\n')).toEqual([{ a: 1 }, [2]]);
  expect(() => parseNdjson('{"a":1}\noops\n')).toThrow("line 2 is not JSON: oops");
});

test("a program in this process draws on the virtual terminal and reads its keys", async () => {
  const terminal = virtualTerminal(10, 3);
  terminal.input.on("data", (keys: Uint8Array) => terminal.output.write(`\x1b[2;3H${keys}`));
  terminal.output.write("one\x1b[31mred");
  await terminal.press("key");
  expect(terminal.frame()).toBe("onered\n  key");
  await terminal.resize(12, 2);
  expect({ columns: terminal.output.columns, rows: terminal.terminal.rows }).toEqual({ columns: 12, rows: 2 });
});

test("a program on a pseudo terminal can be read, typed to, resized and waited for", async () => {
  const script = 'test -t 0 && echo "on $TERM"; read -r line; echo "got $line"; read -r line; stty size; exit 4';
  await using pty = spawnPty(["/bin/sh", "-c", script], { columns: 40, rows: 8 });
  await pty.until("on xterm-256color");
  pty.write("hello\r");
  await pty.until("got hello");
  pty.resize(50, 12);
  pty.write("\r");
  await pty.until("12 50");
  expect(await pty.exited).toBe(4);
});

test("waiting in vain names what was waited for", async () => {
  expect(await waitFor("a value", () => 5)).toBe(5);
  await expect(waitFor("rain", () => false, 20)).rejects.toThrow("waited 20 ms in vain for rain");
});

test("a normalised dump keeps comments inside bodies and drops those of pg_dump", () => {
  const dump = `--
-- PostgreSQL database dump
--

\\restrict abc123

-- Dumped from database version 15.1
-- Dumped by pg_dump version 15.1

SET x = 1;

--
-- Name: f(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.f() AS $$
-- kept
$$;


--
-- PostgreSQL database dump complete
--

\\unrestrict abc123
`;
  expect(normalizeDump(dump)).toBe("SET x = 1;\n\nCREATE FUNCTION public.f() AS $$\n-- kept\n$$;\n");
});
