/**
 * The recovery SQL of an artifact: a script that a person can run, and below it, as comments, the operations and objects it
 * was made from with a digest over all of it. Restoring reads these notes and never runs the script.
 */

import * as v from "valibot";
import { toolError } from "../base/errors.ts";
import { hashText } from "../base/hash.ts";
import { commandLine } from "../base/shell.ts";
import { planOperations, predictOperations } from "../diff/plan-operations.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { objectSchemas, type SchemaObject } from "../model/object.ts";
import type { Operation } from "../operation/define.ts";
import { kindOf } from "../operation/registry.ts";
import { planSteps } from "../risk/plan.ts";
import { type Segment, scriptOf } from "../sql/statement.ts";
import type { Artifact } from "./artifact.ts";
import { goalOf, type Target, whatHung } from "./what-hung.ts";

export interface RecoveryNotes {
  /** what brings the target itself back */
  readonly operations: readonly Operation[];
  /** the target and what hung on it */
  readonly hung: readonly SchemaObject[];
  /** statements for what the graph does not model */
  readonly extras: readonly string[];
}

const notesLine = "-- notes: ";
const digestLine = "-- digest: ";

/** The notes for what one operation of a migration, by its place in the order of execution, sets aside. */
export function notesFor(
  operations: readonly Operation[],
  before: SchemaGraph,
  at: number,
  target: Target,
  extras: readonly string[],
): RecoveryNotes {
  const op = operations[at];
  if (op === undefined) return { operations: [], hung: [], extras };
  const kind = kindOf(op.kind);
  const start = predictOperations(before, operations.slice(0, at));
  const inversion = kind.invert(op, start);
  return {
    operations: kind.restores?.(op, start) ?? (inversion.reversible ? inversion.operations : []),
    hung: whatHung(before, target),
    extras,
  };
}

/** The script and the notes, as they are recorded. `after` is the schema the migration leads to. */
export function recoveryText(notes: RecoveryNotes, after: SchemaGraph, server: number): string {
  const segments = recoverySegments(notes, after, server);
  const body = [
    "-- brings back what was set aside; zanith recover does the same, checks it first and records it",
    scriptOf(segments),
    ...notes.extras.map((sql) => `${sql};`),
    notesLine + JSON.stringify(notes),
  ].join("\n");
  return `${body}\n${digestLine}${hashText(body)}`;
}

function recoverySegments(notes: RecoveryNotes, after: SchemaGraph, server: number): readonly Segment[] {
  const back = predictOperations(after, notes.operations);
  const { operations } = planOperations(back, goalOf(back, notes.hung).graph, { server });
  return planSteps([...notes.operations, ...operations], after, { server }).flatMap(({ segments }) => segments);
}

const shape = v.strictObject({
  operations: v.array(v.looseObject({ kind: v.string() })),
  hung: v.array(
    v.variant("kind", Object.values(objectSchemas) as never) as unknown as v.GenericSchema<unknown, SchemaObject>,
  ),
  extras: v.array(v.string()),
});

/** Reads the notes back. @throws ToolError archive_mismatch when they are not what was recorded */
export function readNotes(artifact: Artifact): RecoveryNotes {
  const end = artifact.recoverySql.lastIndexOf(`\n${digestLine}`);
  const body = artifact.recoverySql.slice(0, Math.max(0, end));
  const digest = artifact.recoverySql.slice(end + 1 + digestLine.length);
  const at = body.lastIndexOf(`\n${notesLine}`);
  if (end < 0 || at < 0 || digest !== hashText(body)) throw changedNotes(artifact);
  const parsed = v.safeParse(shape, JSON.parse(body.slice(at + 1 + notesLine.length)));
  if (!parsed.success) throw changedNotes(artifact);
  const operations = parsed.output.operations.map((op) => {
    const checked = v.safeParse(kindOf(op.kind).payload, op);
    if (!checked.success) throw changedNotes(artifact);
    return checked.output;
  });
  return { ...parsed.output, operations };
}

function changedNotes({ id }: Artifact): Error {
  return toolError({
    code: "archive_mismatch",
    what: `Refusing to restore: the recovery notes of ${id} changed since archive time`,
    why: "their digest is not the one that was recorded with them",
    state: "nothing was changed",
    next: commandLine`zanith recover export ${id} --format csv`,
  });
}
