/**
 * Where a backfill stands, as it is stored in a checkpoint's cursor: what it is a position in, how far ranges are given
 * out, and which are being worked on by whom. Key values are texts. Reads and writes no database.
 */
import * as v from "valibot";
import { toolError } from "../base/errors.ts";
import { hashJson } from "../base/hash.ts";
import type { PreparedJob } from "./prepare.ts";

const positionFormat = 1;

/** A range that one session works on; nobody else touches it while that session lives. */
const claimSchema = v.strictObject({
  after: v.nullable(v.array(v.string())),
  upTo: v.nullable(v.array(v.string())),
  /** server process and start of the session */
  pid: v.number(),
  since: v.string(),
});

const positionSchema = v.strictObject({
  format: v.literal(positionFormat),
  /** whether the step is being applied or undone */
  outcome: v.picklist(["applied", "rolled_back"]),
  /** hash of the statement */
  statement: v.string(),
  /** oid of the table */
  table: v.string(),
  key: v.array(v.strictObject({ name: v.string(), type: v.string() })),
  /** how often the table has been gone over */
  pass: v.number(),
  /** keys up to this one are given out; null for none */
  next: v.nullable(v.array(v.string())),
  /** whether all keys are given out */
  ended: v.boolean(),
  claims: v.record(v.string(), claimSchema),
  /** goes up whenever ranges are given out: who changes that has to know the newest */
  turn: v.number(),
});

export type Claim = Readonly<v.InferOutput<typeof claimSchema>>;
export type Position = Readonly<v.InferOutput<typeof positionSchema>>;
export type Identity = Pick<Position, "outcome" | "statement" | "table" | "key">;

/** What a position belongs to. */
export function identityOf({ head, tail, open, oid, keyColumns }: PreparedJob, outcome: Position["outcome"]): Identity {
  return { outcome, statement: hashJson({ head, tail, open: open ?? null }), table: oid, key: [...keyColumns] };
}

/** Before the first key. */
export function firstPosition(identity: Identity): Position {
  return { format: positionFormat, ...identity, pass: 1, next: null, ended: false, claims: {}, turn: 1 };
}

/** Reads what is stored. @throws ToolError format_invalid */
export function readPosition(text: string): Position {
  const parsed = v.safeParse(positionSchema, JSON.parse(text));
  if (parsed.success) return parsed.output;
  throw toolError({
    code: "format_invalid",
    what: "a checkpoint's cursor cannot be read",
    why: parsed.issues[0].message,
    state: "nothing was changed",
    next: "use the version that wrote it, or give up what it did: zanith backfill cancel --forget",
  });
}

/** What has changed since the position was stored, one phrase each; going on would skip rows or mix two results. */
export function differences(stored: Identity, now: Identity): string[] {
  const inWords = (key: Identity["key"]): string => key.map(({ name, type }) => `${name} ${type}`).join(", ");
  return [
    ...(stored.statement === now.statement ? [] : ["its expressions or conditions are others"]),
    ...(stored.table === now.table ? [] : ["the table was dropped and made again"]),
    ...(inWords(stored.key) === inWords(now.key)
      ? []
      : [`its key was (${inWords(stored.key)}) and is (${inWords(now.key)})`]),
  ];
}
