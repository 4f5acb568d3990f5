/** `zanith migrate audit QUESTION`: one of the six questions to the ledger, answered as table, CSV, JSON or its own SQL. */
import { auditQuestions } from "../../audit/questions.ts";
import { exitCode } from "../../base/errors.ts";
import { renderTable } from "../../render/columns.ts";
import { csvText } from "../../render/csv.ts";
import { line, outside, span } from "../../render/line.ts";
import { auditSql, audit as runAudit } from "../../usecase/audit.ts";
import { defineCommand } from "../command.ts";
import { flag, usageError } from "../options.ts";

const names = auditQuestions.map(({ name }) => name);

export const audit = defineCommand({
  path: "migrate audit",
  summary: `ask the ledger: ${names.join(", ")}`,
  args: [{ name: "question", description: names.join(", ") }],
  options: {
    sql: flag("--sql", "print the question as SQL that psql can run"),
    csv: flag("--csv", "the answer as CSV"),
  },
  examples: [
    { command: "zanith migrate audit broke", says: "what failed or was refused this week" },
    { command: "zanith migrate audit slowest --sql | psql", says: "the same SQL in psql" },
  ],
  exitCodes: { 5: "the database could not be reached" },
  readsOnly: true,
  async run({ args, options, output, run, workspace: open }) {
    const [question = ""] = args;
    if (options.csv && output.json) throw usageError("--csv and --json exclude each other");
    const workspace = await open();
    if (options.sql) {
      const { title, sql } = auditSql(workspace, question);
      if (output.json) output.result({ question, title, sql });
      else output.document(`${sql};\n`);
      return exitCode.done;
    }
    const result = await runAudit(workspace, { question }, run);
    if (output.json) output.result(result);
    else if (options.csv) output.document(csvText(result));
    else {
      output.print([
        line(outside(result.title, "title")),
        ...(result.rows.length === 0 ? [line(span("nothing", "dim"))] : renderTable(result)),
      ]);
    }
    return exitCode.done;
  },
});
