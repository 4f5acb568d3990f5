/** `zanith migrate verify`: proves the pending migrations on a shadow of the live schema. */
import { type ExitCode, exitCode } from "../../base/errors.ts";
import { renderVerify } from "../../render/verify.ts";
import { verify as runVerify, type VerifyResult } from "../../usecase/verify.ts";
import { defineCommand } from "../command.ts";
import { flag, text } from "../options.ts";

const exitCodeOfVerdict: Readonly<Record<VerifyResult["report"]["verdict"], ExitCode>> = {
  ok: exitCode.done,
  drift: exitCode.difference,
  "apply-failed": exitCode.stepFailed,
  "shadow-unreachable": exitCode.unreachable,
};

export const verify = defineCommand({
  path: "migrate verify",
  summary: "prove pending migrations on a throwaway copy of the live schema",
  details: [
    "Four stages: connect + reset, apply on shadow, introspect, diff vs declared. The live database is only read; the",
    "shadow is a copy of its schema, never of its data. A verdict ok passes the gate verified of plan and up.",
  ],
  options: {
    shadow: text("--shadow <url>", "server for the shadow (default: a throwaway database on the same server)"),
    keep: flag("--keep", "leave the shadow database for a look"),
  },
  examples: [
    { command: "zanith migrate verify", says: "on the same server, in a database that is made and dropped" },
    { command: "zanith migrate verify --shadow postgres://localhost/postgres", says: "on a server of its own" },
  ],
  exitCodes: {
    2: "verdict drift: the operations lead elsewhere than declared",
    4: "verdict apply-failed",
    5: "verdict shadow-unreachable, or the database could not be reached",
  },
  streams: true,
  async run({ options, output, run, workspace }) {
    const result = await runVerify(await workspace({ shadow: options.shadow }), { keep: options.keep === true }, run);
    if (output.json) output.event({ type: "result", ...result });
    else output.print(renderVerify(result, output.glyphs));
    return exitCodeOfVerdict[result.report.verdict];
  },
});
