/**
 * What the operation kinds of functions, procedures and aggregates share: each of the three is made, replaced and dropped
 * in the same way. The kinds themselves, with their names and examples, are in files of their own.
 */
import * as v from "valibot";
import type { SchemaGraph } from "../model/graph.ts";
import { type ObjectId, objectName, referencesOf, routineId } from "../model/kinds.ts";
import { objectSchemas, type Routine } from "../model/object.ts";
import { isReplaceable } from "../model/routine.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { together } from "../sql/statement.ts";
import { type AnyOperationKind, defineOperation, type Example, type Inversion, operation } from "./define.ts";
import { withMembers } from "./place.ts";
import { editObject, remaking } from "./replacement.ts";
import { commentStatements } from "./sql/comment.ts";
import { createRoutineStatements, dropRoutineStatement, type RoutinePlace } from "./sql/routine.ts";

type Kind = Routine["kind"];

const verbNames = {
  function: { create: "createFunction", replace: "replaceFunction", drop: "dropFunction" },
  procedure: { create: "createProcedure", replace: "replaceProcedure", drop: "dropProcedure" },
  aggregate: { create: "createAggregate", replace: "replaceAggregate", drop: "dropAggregate" },
} as const satisfies Record<Kind, Record<"create" | "replace" | "drop", string>>;

interface Created {
  readonly routine: Routine;
}

interface Replaced {
  /** as it will be; its comment is not changed */
  readonly routine: Routine;
}

interface Dropped {
  readonly schema: string;
  readonly name: string;
  readonly arguments: string;
}

const routineSchema = (kind: Kind): v.GenericSchema<unknown, Routine> =>
  objectSchemas[kind] as unknown as v.GenericSchema<unknown, Routine>;

/** The kind that makes a routine. */
export function createRoutineKind(kind: Kind, examples: readonly Example<Created>[]): AnyOperationKind {
  return defineOperation<string, Created>({
    kind: verbNames[kind].create,
    family: "routines & views",
    product: false,
    summary: `make ${article(kind)} ${kind}`,
    base: "safe",
    baseNote: "low when it runs with its owner's rights",
    reasons: [],
    payload: v.strictObject({ routine: routineSchema(kind) }),
    on: [`create ${kind}`],
    claims: (change) =>
      change.type === "create" && change.after.kind === kind ? { routine: change.after as Routine } : undefined,
    describe: ({ routine }) => inWords(routine),
    emit: ({ routine }) => [together(...createRoutineStatements(routine, "new"), ...commentStatements(routine))],
    invert: ({ routine }) => ({
      reversible: true,
      operations: [operation(verbNames[kind].drop, placeOf(routine))],
    }),
    predict: ({ routine }) => [{ put: routine }],
    risks: ({ routine }) => [
      definesSecurity(routine)
        ? finding("low", undefined, "whoever may call it acts with the rights of its owner")
        : finding("safe", undefined, `nothing calls ${article(kind)} ${kind} that does not exist yet`),
    ],
    examples,
  });
}

/** The kind that puts a routine in the place of the one with its name and arguments, under everything that calls it. */
export function replaceRoutineKind(kind: Kind, examples: readonly Example<Replaced>[]): AnyOperationKind {
  const payload = v.strictObject({ routine: routineSchema(kind) });
  const changed = ["definition", "parameters"];
  return defineOperation<string, Replaced>({
    kind: verbNames[kind].replace,
    family: "routines & views",
    product: false,
    summary: `change ${article(kind)} ${kind} in place`,
    base: "medium",
    baseNote: "its callers run the new one at once, with the rights it gives them",
    reasons: [],
    payload,
    on: changed.map((attribute) => `alter ${kind}.${attribute}`),
    underUsers: true,
    claims: (change) => {
      if (change.type !== "alter" || change.after.kind !== kind) return undefined;
      return { routine: withMembers(change.after as Routine, { comment: undefined }) };
    },
    absorbs: ({ routine }, change) =>
      change.type === "alter" && change.id === idOf(routine) && changed.includes(change.attribute),
    describe: ({ routine }) => inWords(routine),
    emit: ({ routine }) => [together(...createRoutineStatements(routine, "replace"))],
    invert: ({ routine }, before) => restoring(routine, before),
    predict: ({ routine }, graph) =>
      editObject(graph, kind, idOf(routine), ({ comment }) => withMembers(routine, { comment }) as never),
    risks: ({ routine }) => [
      finding(
        "medium",
        undefined,
        definesSecurity(routine)
          ? "its callers run the new body from then on, with the rights of its owner"
          : "its callers run the new body from then on",
      ),
    ],
    examples,
  });
}

/** The kind that removes a routine; the server refuses while anything it knows of uses it. */
export function dropRoutineKind(kind: Kind, examples: readonly Example<Dropped>[]): AnyOperationKind {
  const { schema, name, arguments: types } = objectSchemas[kind].entries;
  const place = (op: Dropped): RoutinePlace => ({ ...op, kind });
  return defineOperation<string, Dropped>({
    kind: verbNames[kind].drop,
    family: "routines & views",
    product: false,
    summary: `remove ${article(kind)} ${kind}`,
    base: "high",
    reasons: [],
    payload: v.strictObject({ schema, name, arguments: types }),
    on: [`drop ${kind}`],
    claims: (change) =>
      change.type === "drop" && change.before.kind === kind ? placeOf(change.before as Routine) : undefined,
    describe: (op) => inWords(place(op)),
    emit: (op) => [together(dropRoutineStatement(place(op)))],
    invert: (op, before) =>
      remaking(before, kind, idOf(place(op)), (routine) => [operation(verbNames[kind].create, { routine })]),
    predict: (op) => [{ drop: idOf(place(op)) }],
    risks: () => [
      finding(
        "high",
        undefined,
        `queries and string bodies that call it fail from then on; the server knows of neither`,
      ),
    ],
    examples,
  });
}

function restoring(routine: Routine, graph: SchemaGraph): Inversion {
  const before = graph.objects.get(idOf(routine)) as Routine | undefined;
  if (before === undefined) return { reversible: false, why: "what it was like before is not known" };
  if (isReplaceable(routine, before)) {
    const old = withMembers(before, { comment: undefined });
    return { reversible: true, operations: [operation(verbNames[routine.kind].replace, { routine: old })] };
  }
  const id = idOf(routine);
  for (const object of graph.objects.values()) {
    if (!referencesOf(object).includes(id)) continue;
    const user = `${object.kind} ${objectName(object)}`;
    return {
      reversible: false,
      why: `CREATE OR REPLACE cannot take back a parameter's name or default, and ${user} uses it`,
    };
  }
  return {
    reversible: true,
    operations: [
      operation(verbNames[routine.kind].drop, placeOf(routine)),
      operation(verbNames[routine.kind].create, { routine: before }),
    ],
  };
}

function placeOf({ schema, name, arguments: types }: RoutinePlace): Dropped {
  return { schema, name, arguments: types };
}

function idOf(routine: RoutinePlace): ObjectId {
  return routineId(routine.kind, routine.schema, routine.name, routine.arguments);
}

function inWords({ schema, name, arguments: types }: RoutinePlace): string {
  return `${schema === "public" ? "" : `${quoteIdent(schema)}.`}${quoteIdent(name)}(${types})`;
}

function definesSecurity({ definition }: Routine): boolean {
  return /^(?: .*)? SECURITY DEFINER/m.test(definition);
}

function article(kind: Kind): string {
  return kind === "aggregate" ? "an" : "a";
}
