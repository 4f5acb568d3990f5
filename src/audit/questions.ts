/** The six questions a ledger answers, each one plain SQL over the five tables that a person can paste into psql. */
import { qualified } from "../sql/identifier.ts";

export interface AuditQuestion {
  readonly name: string;
  /** the question in words */
  readonly title: string;
  /** the columns of its answer, also of an empty one */
  readonly columns: readonly string[];
  /** one statement; the argument is the schema of the five tables */
  readonly sql: (schema: string) => string;
}

const broke: AuditQuestion = {
  name: "broke",
  title: "What broke this week?",
  columns: ["migration_id", "operation_kind", "error"],
  sql: (schema) => `select migration_id, operation_kind, error
from ${qualified(schema, "_zanith_migration_steps")}
where status in ('failed', 'refused') and started_at >= now() - interval '7 days'
order by started_at desc, migration_id, step_index`,
};

const slowest: AuditQuestion = {
  name: "slowest",
  title: "Which op kinds are slowest?",
  columns: ["operation_kind", "avg_ms", "runs"],
  sql: (schema) => `select operation_kind,
  round(avg(extract(epoch from (finished_at - started_at)) * 1000))::bigint as avg_ms,
  count(*) as runs
from ${qualified(schema, "_zanith_migration_steps")}
where status = 'applied' and finished_at is not null
group by operation_kind
order by avg_ms desc, operation_kind`,
};

const recoverable: AuditQuestion = {
  name: "recoverable",
  title: "What is still recoverable?",
  columns: ["id", "artifact_type", "row_count"],
  sql: (schema) => `select id, artifact_type, row_count
from ${qualified(schema, "_zanith_migration_artifacts")}
where status = 'live' and (expires_at is null or expires_at > now())
order by created_at desc, id`,
};

const recent: AuditQuestion = {
  name: "recent",
  title: "What changed recently?",
  columns: ["id", "applied_at", "steps", "worst"],
  sql: (schema) => `select m.id, to_char(m.applied_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') as applied_at,
  count(distinct s.step_index) as steps, max(s.risk_score) as worst
from ${qualified(schema, "_zanith_migrations")} m
left join ${qualified(schema, "_zanith_migration_steps")} s on s.migration_id = m.id and s.status = 'applied'
group by m.id, m.applied_at
order by m.applied_at desc, m.id
limit 20`,
};

const riskiest: AuditQuestion = {
  name: "riskiest",
  title: "Which migrations carried most risk?",
  columns: ["migration_id", "worst", "steps", "high_or_worse", "failed", "refused"],
  sql: (schema) => `select migration_id,
  max(risk_score) as worst,
  count(distinct step_index) as steps,
  count(distinct step_index) filter (where risk_level in ('high', 'destructive', 'blocked')) as high_or_worse,
  count(*) filter (where status = 'failed') as failed,
  count(*) filter (where status = 'refused') as refused
from ${qualified(schema, "_zanith_migration_steps")}
group by migration_id
order by worst desc, high_or_worse desc, migration_id`,
};

const resumable: AuditQuestion = {
  name: "resumable",
  title: "What is unfinished?",
  columns: ["migration_id", "step_index", "what", "status", "progress"],
  sql: (schema) => `select c.migration_id, c.step_index, 'checkpoint' as what, c.status,
  c.processed_rows || coalesce(' of ' || c.total_rows, '') || ' rows' as progress
from ${qualified(schema, "_zanith_migration_checkpoints")} c
where c.status <> 'done'
union all
select s.migration_id, s.step_index, s.operation_kind, s.status, coalesce(s.error, '')
from (
  select distinct on (migration_id, step_index) migration_id, step_index, operation_kind, status, error
  from ${qualified(schema, "_zanith_migration_steps")}
  where status <> 'refused'
  order by migration_id, step_index, started_at desc
) s
where s.status in ('running', 'interrupted', 'failed')
order by 1, 2, 3`,
};

/** In the order of the documentation. */
export const auditQuestions: readonly AuditQuestion[] = [broke, slowest, recoverable, recent, riskiest, resumable];

/** The question of a name. */
export function auditQuestion(name: string): AuditQuestion | undefined {
  return auditQuestions.find((question) => question.name === name);
}
