/**
 * The statements of a rebuild: a new table in the schema of archives, filled while the old one is in use, that takes its
 * place in one short transaction. The old one stays under a name that nobody uses.
 */
import type { Check, ForeignKey, SchemaObject } from "../../model/object.ts";
import { archiveSchema, parkedName } from "../../sql/artifact.ts";
import { qualified, quoteIdent, serverMadeName } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { type Segment, type Statement, statement, together } from "../../sql/statement.ts";
import type { EmitContext } from "../define.ts";
import { withMembers } from "../place.ts";
import type { RebuildTable, RebuiltPart } from "../rebuild-table-payload.ts";
import { addKey } from "./add-key.ts";
import { createIndexConcurrently, planOfIndex } from "./build-index.ts";
import { checksumQuery } from "./checksum.ts";
import { columnDefinition } from "./column.ts";
import { commentStatements } from "./comment.ts";
import { constraintClause } from "./constraint.ts";
import { constraintExists } from "./constraint-question.ts";
import { firingStatement } from "./firing.ts";
import { createPolicyStatement } from "./policy.ts";
import { either, relationExists } from "./question.ts";
import { copyBatches, endCapture, startCapture } from "./rebuild-capture.ts";
import { carryGrants, refuseWhatIsLost, sameOwner, sameRows } from "./rebuild-questions.ts";
import { createRuleStatements } from "./rule.ts";
import { ensureArchiveSchema } from "./set-aside.ts";
import { addStaged, validate } from "./staged-constraint.ts";
import { columnStorageStatements, tableOptionList } from "./storage.ts";
import { createTriggerStatement } from "./trigger.ts";

/** The name of the new table while it is made; it holds the names of its parts already. */
export function workName(op: RebuildTable): string {
  return `_zanith_rebuild_${op.id}`;
}

/** All parts of a rebuild. */
export function rebuildSegments(op: RebuildTable, context: EmitContext): Segment[] {
  const { table } = op;
  const parked = parkedName(table.name, op.id);
  const work = qualified(archiveSchema, workName(op));
  const swapped = relationExists(table.schema, parked);
  const orSwapped = ({ done, ...segment }: Segment): Segment =>
    done === undefined ? segment : { ...segment, done: either(done, swapped) };
  const mark = {
    type: "rebuild_table",
    schema: table.schema,
    table: table.name,
    physical: qualified(table.schema, parked),
  } as const;
  const made = either(relationExists(archiveSchema, workName(op)), swapped);
  return [
    { ...together(...creation(op, work, context), ...startCapture(op, work)), done: made },
    copyBatches(op, work),
    ...furnishing(op, context).map(orSwapped),
    together(
      statement(`analyze ${work}`, "share update exclusive", [work], "scan"),
      sameRows(qualified(table.schema, table.name), work),
    ),
    { ...together(...swap(op, work, parked)), done: swapped, artifact: { ...mark, phase: "kept" } },
    {
      ...together(statement(checksumQuery(mark.physical), "access share", [mark.physical], "scan")),
      artifact: { ...mark, phase: "sealed" },
    },
    ...op.referring
      .filter((key) => !key.notValid && !key.notEnforced)
      .map((key) => ({
        ...together(validate(key)),
        done: validatedAfter(key, op, parked, context),
      })),
  ];
}

/** Before the swap a key of that name is validated as well: only together with the old table out of the way it counts. */
function validatedAfter(key: ForeignKey, { table }: RebuildTable, parked: string, { server }: EmitContext) {
  const { sql, params } = constraintExists(key, key.name, "validated", server);
  const [schemaAt, nameAt] = [params.length + 1, params.length + 2];
  return {
    sql: `select (${sql}) and exists (
  select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $${schemaAt} and c.relname = $${nameAt})`,
    params: [...params, table.schema, parked],
  };
}

/** A part as it is on the new table while that is made. */
function onWork<T extends RebuiltPart>(part: T, op: RebuildTable): T {
  const { table } = op;
  const place = { schema: archiveSchema, table: workName(op) };
  if (part.kind !== "foreignKey") return { ...part, ...place };
  const { references } = part;
  const isSelf = references.schema === table.schema && references.table === table.name;
  return { ...part, ...place, ...(isSelf ? { references: { ...references, ...place } } : {}) };
}

function isKeyOf(op: RebuildTable, part: RebuiltPart): boolean {
  return (
    (part.kind === "primaryKey" || part.kind === "unique") &&
    part.columns.length === op.key.length &&
    part.columns.every((name, at) => name === op.key[at])
  );
}

/** A check that holds for new rows only can be no part of CREATE TABLE. */
function isLate(check: Check): boolean {
  return check.notValid === true && !check.notEnforced;
}

/** The new table with its columns, its checks and the key that tells rows apart. */
function creation(op: RebuildTable, work: string, { server }: EmitContext): Statement[] {
  const { table, columns, identities, parts } = op;
  const inline = parts.filter((part) => isKeyOf(op, part) || (part.kind === "check" && !isLate(part)));
  const late = parts.filter((part) => part.kind === "check" && isLate(part));
  const at = { schema: archiveSchema, table: workName(op) };
  const made = columns.map(({ column }) => {
    const sequence = identities.find((one) => one.column === column.name)?.sequence;
    const identity = column.identity && sequence !== undefined ? { ...column.identity, sequence } : column.identity;
    // Since 18 NOT NULL has a name: the one the server would give on the table it is for. Earlier ones read and forget it.
    const notNullName = column.notNullName ?? serverMadeName(table.name, column.name, "not_null");
    return withMembers(
      { ...column, ...at },
      { identity, ...(column.notNull && server >= 180000 ? { notNullName } : {}) },
    );
  });
  const options = tableOptionList(table);
  const withOptions = options.length > 0 ? ` with (${options.join(", ")})` : "";
  const lines = [
    ...made.map(columnDefinition),
    ...inline.map((part) => constraintClause(onWork(part, op) as Parameters<typeof constraintClause>[0])),
  ];
  return [
    refuseWhatIsLost(op),
    ensureArchiveSchema(),
    statement(`create ${table.unlogged ? "unlogged " : ""}table ${work} (\n  ${lines.join(",\n  ")}\n)${withOptions}`),
    ...unlocked(columnStorageStatements(made)),
    ...late.map((part) =>
      statement(
        `alter table ${work} add ${constraintClause(part as Parameters<typeof constraintClause>[0])} not valid`,
      ),
    ),
    sameOwner(qualified(table.schema, table.name), work),
    ...[
      withMembers({ ...table, schema: archiveSchema, name: workName(op) }, {}),
      ...made,
      ...[...inline, ...late].map((part) => onWork(part, op)),
    ].flatMap((object) => unlocked(commentStatements(object as SchemaObject))),
  ];
}

/** Nobody else knows the table yet: what its statements lock is nothing that anybody waits for. */
function unlocked(statements: readonly Statement[]): Statement[] {
  return statements.map(({ sql }) => statement(sql));
}

/** The indexes and constraints that are made once the rows are there, while writes go on. */
function furnishing(op: RebuildTable, context: EmitContext): Segment[] {
  return op.parts.flatMap((part): Segment[] => {
    if (isKeyOf(op, part)) return [];
    const there = onWork(part, op);
    switch (there.kind) {
      case "index":
        return [createIndexConcurrently(planOfIndex(there)), ...comments(there)];
      case "primaryKey":
      case "unique":
        return addKey(there, undefined, context);
      case "foreignKey":
        return addStaged(there, undefined, context);
      default:
        return [];
    }
  });
}

function comments(object: SchemaObject): Segment[] {
  const statements = commentStatements(object);
  return statements.length > 0 ? [together(...statements)] : [];
}

/** What takes the new table from where it was made to where the old one was. Reads and writes no row. */
function swap(op: RebuildTable, work: string, parked: string): Statement[] {
  const { table, parts, referring, identities, sequences } = op;
  const { schema } = table;
  const own = qualified(schema, table.name);
  const aside = qualified(schema, parked);
  const superseded = qualified(schema, parkedName(table.name, op.supersedes));
  const outgoing = parts.filter((part) => part.kind === "foreignKey");
  const parents = outgoing.map(({ references }) => qualified(references.schema, references.table));
  const children = referring.map((key) => qualified(key.schema, key.table));
  const involved = [...new Set([...parents, ...children, own])];
  const on = (sql: string): Statement => statement(sql, "access exclusive", [...involved, work]);
  const rename = (what: string, name: string): Statement =>
    on(`alter ${what} ${qualified(schema, name)} rename to ${quoteIdent(parkedName(name, op.id))}`);
  const named = parts.flatMap((part) =>
    part.kind === "index" || part.kind === "primaryKey" || part.kind === "unique" ? [part.name] : [],
  );
  return [
    // In one statement: who comes between two would hold the one and wait for the other.
    on(`lock table ${involved.map((name) => `only ${name}`).join(", ")} in access exclusive mode`),
    ...endCapture(op),
    ...referring.map((key) => on(dropConstraint(qualified(key.schema, key.table), key.name))),
    ...outgoing.map((key) => on(dropConstraint(own, key.name))),
    ...identities.map(({ sequence }) =>
      on(
        `select pg_catalog.setval(${quoteLiteral(qualified(archiveSchema, sequence))}::pg_catalog.regclass, s.last_value, s.is_called) from ${qualified(schema, sequence)} as s`,
      ),
    ),
    ...sequences.flatMap(({ name: sequence, column }) => [
      on(`alter sequence ${qualified(schema, sequence)} owned by none`),
      on(`alter table ${own} alter column ${quoteIdent(column)} drop default`),
    ]),
    ...named.map((name) => rename("index", name)),
    ...identities.map(({ sequence }) => rename("sequence", sequence)),
    on(`alter table ${own} rename to ${quoteIdent(parked)}`),
    on(`alter table ${work} set schema ${quoteIdent(schema)}`),
    on(`alter table ${qualified(schema, workName(op))} rename to ${quoteIdent(table.name)}`),
    ...sequences.map(({ name: sequence, column }) =>
      on(`alter sequence ${qualified(schema, sequence)} owned by ${own}.${quoteIdent(column)}`),
    ),
    ...referring.flatMap((key) => [
      on(
        `alter table ${qualified(key.schema, key.table)} add ${constraintClause(key)}${key.notEnforced ? "" : " not valid"}`,
      ),
      ...commentStatements(key),
    ]),
    ...parts.flatMap((part) => policing(part, on)),
    carryGrants(aside, own),
    // What an earlier rebuild the other way kept is in the table again, with what was written since.
    statement(`drop table if exists ${superseded}`, "access exclusive", [superseded]),
  ];
}

function dropConstraint(table: string, name: string): string {
  return `alter table ${table} drop constraint ${quoteIdent(name)}`;
}

/** What would act on the rows that are copied, and so is made last. */
function policing(part: RebuiltPart, on: (sql: string) => Statement): Statement[] {
  switch (part.kind) {
    case "rowSecurity": {
      const words = [part.enabled && "enable row level security", part.forced && "force row level security"];
      return [on(`alter table ${qualified(part.schema, part.table)} ${words.filter(Boolean).join(", ")}`)];
    }
    case "policy":
      return [createPolicyStatement(part), ...commentStatements(part)];
    case "trigger":
    case "rule":
      return [
        ...(part.kind === "trigger" ? [createTriggerStatement(part, "new")] : createRuleStatements(part, "new")),
        ...(part.firing === undefined ? [] : [firingStatement(part, part.firing)]),
        ...commentStatements(part),
      ];
    default:
      return [];
  }
}
