/**
 * Which range a worker gets: one whose session is gone, else the next one. Ranges are given out by turns at the checkpoint
 * row; whose turn was taken by another gets none. Runs no batch.
 */
import type { Session } from "../pg/session.ts";
import { type CheckpointPlace, type CheckpointRecord, type Following, takeTurn } from "./checkpoint.ts";
import { type KeyRange, type KeyValue, upperKey } from "./key-range.ts";
import type { Claim, Identity } from "./position.ts";
import type { PreparedJob } from "./prepare.ts";

/** Who takes ranges of which backfill. */
export interface Taker {
  readonly session: Session;
  readonly place: CheckpointPlace;
  readonly job: PreparedJob;
}

export interface TakenRange {
  readonly name: string;
  readonly claim: Claim;
  /** just cut to so many keys, so that it is done at once; null for one that was another's */
  readonly size: number | null;
  /** whether nobody else worked on the backfill when it was taken */
  readonly alone: boolean;
}

/** A range to work on; "wait" while others do the last ones, "ended" when a pass is over, "lost" when another was quicker. */
export async function takeRange(
  taker: Taker,
  checkpoint: CheckpointRecord,
  size: number,
): Promise<TakenRange | "wait" | "ended" | "lost"> {
  const { session, place } = taker;
  const { next, ended, pass, turn, key, claims } = checkpoint.position;
  const given = Object.entries(claims);
  if (given.length > 0) {
    const alive = await aliveSessions(
      session,
      given.map(([, claim]) => claim),
    );
    const orphan = given.find(([, claim]) => !alive(claim));
    if (orphan !== undefined) {
      const [name, claim] = orphan;
      const own = { ...claim, ...ownerOf(session) };
      const taken = await takeTurn(session, place, turn, { next, ended, pass, claim: own, adopted: { name, claim } });
      return taken === undefined ? "lost" : { name: taken, claim: own, size: null, alone: false };
    }
  }
  if (ended) return given.length > 0 ? "wait" : "ended";
  const upTo = await findUpper(taker, key, { after: next, upTo: null }, size);
  const claim: Claim = { after: next, upTo: upTo === null ? null : [...upTo], ...ownerOf(session) };
  const taken = await takeTurn(session, place, turn, { next: claim.upTo ?? next, ended: upTo === null, pass, claim });
  return taken === undefined ? "lost" : { name: taken, claim, size, alone: given.length === 0 };
}

/** The range of so many keys after one, to be given out as that one ends; undefined when there is none to ask for. */
export async function cutFollowing(
  { session, job }: Taker,
  tx: Session,
  key: Identity["key"],
  { name, claim, alone }: TakenRange,
  size: number,
): Promise<Following | undefined> {
  if (!alone || claim.upTo === null) return undefined;
  const upTo = await upperIn(tx, job, key, { after: claim.upTo, upTo: null }, size);
  const own = { after: claim.upTo, upTo: upTo === null ? null : [...upTo], ...ownerOf(session) };
  return { turn: Number(name), claim: own };
}

/** The range that a session was given as another ended; undefined when it got none, because it was not alone. */
export function takenFollowing(
  { turn, claim }: Following,
  { position }: CheckpointRecord,
  size: number,
): TakenRange | undefined {
  const name = String(turn + 1);
  const given = position.claims[name];
  if (given?.pid !== claim.pid || given.since !== claim.since) return undefined;
  return { name, claim, size, alone: true };
}

function ownerOf({ pid, backendStart }: Session): Pick<Claim, "pid" | "since"> {
  return { pid, since: backendStart };
}

/** The key of the row that is `size`th in a range; null when the range holds fewer. */
export async function findUpper(
  { session, job }: Taker,
  key: Identity["key"],
  range: KeyRange,
  size: number,
): Promise<KeyValue | null> {
  const options = { readOnly: true, settings: { enable_seqscan: "off" } };
  return session.transaction(options, (tx) => upperIn(tx, job, key, range, size));
}

async function upperIn(
  tx: Session,
  job: PreparedJob,
  key: Identity["key"],
  range: KeyRange,
  size: number,
): Promise<KeyValue | null> {
  const { sql, params } = upperKey(job, key, range, size);
  const [row] = await tx.rows(sql, params);
  return row === undefined ? null : row.map(String);
}

/** Tells of a range whether the session that has it still lives. Start times are hidden from a role without pg_monitor. */
async function aliveSessions(session: Session, claims: readonly Claim[]): Promise<(claim: Claim) => boolean> {
  const rows = await session.rows(
    `select a.pid::text, a.backend_start::text from pg_catalog.pg_stat_activity a
     where a.pid = any($1::integer[]) order by a.pid`,
    [claims.map(({ pid }) => String(pid))],
  );
  const started = new Map(rows.map(([pid, since]) => [Number(pid), since]));
  return ({ pid, since }) => started.has(pid) && (started.get(pid) == null || started.get(pid) === since);
}
