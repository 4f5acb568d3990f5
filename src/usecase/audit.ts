/** audit: asks the ledger one of the six questions. */
import { auditQuestion, auditQuestions } from "../audit/questions.ts";
import { toolError } from "../base/errors.ts";
import { ledgerIn } from "../run/ledger.ts";
import { type Run, type Workspace, withSession } from "./workspace.ts";

export interface AuditInput {
  readonly question: string;
}

export interface AuditResult {
  readonly question: string;
  readonly title: string;
  /** exactly what ran, or would run */
  readonly sql: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** The SQL of a question, without a database. @throws ToolError usage */
export function auditSql(
  workspace: Workspace,
  question: string,
): { readonly title: string; readonly sql: string; readonly columns: readonly string[] } {
  const found = auditQuestion(question);
  if (found !== undefined) {
    const { title, columns } = found;
    return { title, columns, sql: found.sql(workspace.config.auditSchema) };
  }
  throw toolError({
    code: "usage",
    what: `${JSON.stringify(question)} is not one of the six questions`,
    why: `they are ${auditQuestions.map(({ name }) => name).join(", ")}`,
    state: "nothing was asked",
    next: "zanith migrate audit broke",
  });
}

/** Runs the question and returns its rows as text. */
export async function audit(workspace: Workspace, input: AuditInput, _run: Run): Promise<AuditResult> {
  const { title, sql, columns } = auditSql(workspace, input.question);
  return withSession(workspace, "audit", async (session) => {
    const ledger = ledgerIn(workspace.config.auditSchema);
    const rows = (await ledger.exists(session)) ? await session.rows(sql) : [];
    return { question: input.question, title, sql, columns, rows };
  });
}
