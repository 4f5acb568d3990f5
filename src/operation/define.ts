/** The contract of an operation kind. A kind is one value in one file; shared code asks it and never branches on its name. */
import * as v from "valibot";
import type { Change } from "../diff/graph-diff.ts";
import type { GraphEdit, SchemaGraph } from "../model/graph.ts";
import { withFollowers } from "../model/inheritance.ts";
import type { ObjectId } from "../model/kinds.ts";
import type { SchemaObject } from "../model/object.ts";
import type { Facts } from "../risk/facts.ts";
import type { Finding, Level, ReasonCode } from "../risk/levels.ts";
import type { Probe } from "../risk/probe.ts";
import type { Segment } from "../sql/statement.ts";

/** The seven families of the product, and ours. */
export const families = [
  "create",
  "index & constraint",
  "alter",
  "drop",
  "security",
  "recovery & advanced",
  "escape hatch",
  "types & sequences",
  "schemas & comments",
  "routines & views",
  "foreign data & publications",
] as const;

export type Family = (typeof families)[number];

/** An operation as it stands in a migration file: its kind and its payload side by side. */
export type Operation = { readonly kind: string };

/** A change whose `alter` form names exactly one attribute. */
export type SingleChange =
  | Extract<Change, { type: "create" | "drop" }>
  | (Omit<Extract<Change, { type: "alter" }>, "attributes"> & { readonly attribute: string });

/** What a kind may look at when it decides whether a change is its own. */
export interface ClaimContext {
  readonly before: SchemaGraph;
  readonly after: SchemaGraph;
  childrenBefore(id: ObjectId): readonly SchemaObject[];
  childrenAfter(id: ObjectId): readonly SchemaObject[];
  /** the other single change on an object's attribute, if there is one */
  alters(id: ObjectId, attribute: string): boolean;
}

/** What an operation may know when it writes SQL. */
export interface EmitContext {
  /** server_version_num of the server the SQL is for */
  readonly server: number;
  /** whether a table was made earlier in the same migration: plain forms are then as safe as online ones */
  isFresh(id: ObjectId): boolean;
}

/** How an operation is undone, or why it cannot be. `loses` says what does not come back although the schema does. */
export type Inversion =
  | { readonly reversible: true; readonly operations: readonly Operation[]; readonly loses?: string }
  | { readonly reversible: false; readonly why: string };

/** How what an operation destroys shall be kept: set aside under another name, or archived with a count and a checksum. */
export interface KeepRequest {
  readonly how: "archive" | "soft";
  /** the id for what is set aside */
  readonly id: string;
  readonly retentionDays?: number;
  /** ids of objects that are dropped by other operations of the same migration */
  readonly alsoDropped: ReadonlySet<ObjectId>;
}

/** A worked example: documentation and test at once. */
export interface Example<P> {
  readonly name: string;
  /** SQL that makes the state before */
  readonly before: string;
  readonly op: P;
  /** SQL that makes the state after, from nothing */
  readonly after: string;
  /** `old=new` renames to give the diff so that it claims this kind */
  readonly renames?: readonly string[];
  /** the diff of before and after does not lead here: the kind is only ever asked for by name */
  readonly notFromDiff?: true;
  /** first server_version_num this example runs on */
  readonly since?: number;
}

export interface OperationKind<K extends string, P> {
  readonly kind: K;
  readonly family: Family;
  /** one of the product's 31, not one of ours */
  readonly product: boolean;
  /** one line for `--help ops` */
  readonly summary: string;
  /** the level without knowledge of details, and what the details change */
  readonly base: Level;
  readonly baseNote?: string;
  readonly reasons: readonly ReasonCode[];
  /** the check of a payload from a migration file; `kind` is added by defineOperation */
  readonly payload: v.GenericSchema<unknown, P>;
  /** the changes it may claim: `create table`, `drop column`, `alter column.default`, `alter *.comment` */
  readonly on: readonly string[];
  readonly claims: (change: SingleChange, context: ClaimContext) => P | undefined;
  /** the operations that keep what this one destroys and change the schema in the same way; absent when nothing is lost */
  readonly keeping?: (op: P, before: SchemaGraph, keep: KeepRequest) => readonly Operation[] | undefined;
  /** what brings back what it set aside, where that is something else than what undoes it */
  readonly restores?: (op: P, before: SchemaGraph) => readonly Operation[];
  /** a command of its own asks for it, so that the ledger may hold it without a file in the folder */
  readonly commanded?: true;
  /** what it does to schema and rows is not known: nothing is predicted after it, and no probe is asked ahead of it */
  readonly opaque?: true;
  /** columns whose values it changes in rows: a probe that is about them is asked when its step comes, not ahead of this one */
  readonly writes?: (op: P) => readonly ObjectId[];
  /** what it changes is nothing that other objects build on (an owner, a comment): order need not wait for it */
  readonly incidental?: true;
  /** it is done while others use what it changes (CREATE OR REPLACE): those that stop using it need not do so first */
  readonly underUsers?: true;
  /** it bears on whatever is made after it, so it comes after everything else */
  readonly last?: true;
  /** ids of objects whose own changes, if there are any, have to come first although nothing refers to them */
  readonly follows?: (op: P, before: SchemaGraph) => readonly ObjectId[];
  /** on tables made in the same migration it may commit together with the steps beside it: quick, and of use at once */
  readonly shares?: true;
  /** it comes after everything else: it joins what has been made, as it is wanted, to something else */
  readonly closing?: true;
  /** two forms of one thing that versions of an application use side by side: the id of the new one that it begins or ends */
  readonly sideBySide?: (op: P) => { readonly begins?: ObjectId; readonly ends?: ObjectId };
  /** further changes that are part of a claimed one and need no operation of their own */
  readonly absorbs?: (op: P, change: SingleChange, context: ClaimContext) => boolean;
  /** the object in words: `users.last_login` */
  readonly describe: (op: P) => string;
  readonly emit: (op: P, context: EmitContext) => readonly Segment[];
  readonly invert: (op: P, before: SchemaGraph) => Inversion;
  readonly predict: (op: P, graph: SchemaGraph) => readonly GraphEdit[];
  readonly risks: (op: P, facts: Facts) => readonly Finding[];
  readonly probes?: (op: P) => readonly Probe[];
  readonly examples: readonly Example<P>[];
}

/** A kind with its payload type erased: what the registry holds and shared code calls. */
export interface AnyOperationKind extends Omit<OperationKind<string, Operation>, "payload"> {
  readonly payload: v.GenericSchema<unknown, Operation>;
}

/**
 * Defines a kind. The payload type is the schema's output; the stored form carries `kind` as well, which the kind's own
 * functions never see a need for.
 */
export function defineOperation<const K extends string, P extends object>(
  definition: OperationKind<K, P>,
): AnyOperationKind {
  const { payload, claims, predict } = definition;
  const stored = v.pipe(
    v.looseObject({ kind: v.literal(definition.kind) }),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const { kind, ...rest } = dataset.value;
      const result = v.safeParse(payload, rest, { abortEarly: true });
      if (!result.success) {
        const issue = result.issues[0];
        addIssue({
          message: issue.message,
          ...(issue.path ? { path: issue.path as [v.IssuePathItem, ...v.IssuePathItem[]] } : {}),
        });
        return NEVER;
      }
      return { kind, ...result.output };
    }),
  );
  const erased = {
    ...definition,
    payload: stored,
    claims: (change: SingleChange, context: ClaimContext) => {
      const op = claims(change, context);
      return op === undefined ? undefined : { kind: definition.kind, ...op };
    },
    predict: (op: Operation, graph: SchemaGraph) => withFollowers(graph, predict(op as unknown as P, graph)),
  };
  return erased as unknown as AnyOperationKind;
}

/** Makes an operation of a kind from its payload: for inversions, which name other kinds. */
export function operation<P extends object>(kind: string, payload: P): Operation & P {
  return { kind, ...payload };
}
