/** A run of `up` whose connection is cut at one of its messages. */
import { expect } from "bun:test";
import { isToolError } from "../../src/base/errors.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { type FaultMode, startFaultProxy } from "./fault-proxy.ts";
import { waitFor } from "./wait-for.ts";
import type { Project } from "./workspace.ts";

/**
 * Runs `up` through a proxy that cuts the nth message of the client, and waits for the sessions of the run to end; the
 * number of messages when nothing was cut.
 */
export async function cutRun(project: Project, mode: FaultMode, nth: number): Promise<number | undefined> {
  const messages = await runThroughProxy(project, mode, nth);
  await waitFor("the sessions of the run that was cut to end", async () => {
    const rows = await project.database.query(
      "select 1 from pg_catalog.pg_stat_activity where datname = pg_catalog.current_database() and application_name ~ '^zanith up'",
    );
    return rows.length === 0;
  });
  return messages;
}

async function runThroughProxy(project: Project, mode: FaultMode, nth: number): Promise<number | undefined> {
  const url = new URL(project.database.url);
  await using proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
  url.hostname = proxy.host;
  url.port = String(proxy.port);
  let struck = false;
  proxy.strike({ mode, nth }).then(() => {
    struck = true;
  });
  try {
    await up(project.variant({}, url.toString()), {}, quietRun);
  } catch (error) {
    if (!isToolError(error)) throw error;
    expect(["connection_lost", "commit_in_doubt", "step_failed", "unreachable"]).toContain(error.code);
  }
  return struck ? undefined : proxy.seen;
}
