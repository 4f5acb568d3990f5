/**
 * The checkpoint row of a backfill: every read and write of it. What a range did commits together with its end; who lost a
 * range in the meantime finds no row to write and rolls back. Decides nothing about ranges.
 */

import { defined } from "../base/assert.ts";
import { toolError } from "../base/errors.ts";
import { commandLine } from "../base/shell.ts";
import type { Session, TextRow } from "../pg/session.ts";
import { qualified } from "../sql/identifier.ts";
import type { KeyValue } from "./key-range.ts";
import { type Claim, differences, firstPosition, type Identity, type Position, readPosition } from "./position.ts";

export type CheckpointStatus = "running" | "paused" | "done" | "failed";

/** A checkpoint as it was read. */
export interface CheckpointRecord {
  readonly migration: string;
  readonly step: number;
  readonly position: Position;
  readonly status: CheckpointStatus;
  /** rows that were changed; a bigint as the server prints it fits a number up to 2^53 */
  readonly processed: number;
  readonly total: number | null;
  /** ISO 8601 */
  readonly updatedAt: string;
}

/** Which checkpoint. */
export interface CheckpointPlace {
  /** schema of the ledger */
  readonly schema: string;
  readonly migration: string;
  readonly step: number;
}

const columns = `migration_id, step_index::text, cursor::text, status, processed_rows::text, total_rows::text,
  to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

function tableIn(schema: string): string {
  return qualified(schema, "_zanith_migration_checkpoints");
}

function recordOf([migration, step, cursor, status, processed, total, updatedAt]: TextRow): CheckpointRecord {
  return {
    migration: defined(migration, "a checkpoint names its migration"),
    step: Number(step),
    position: readPosition(defined(cursor, "a checkpoint has a cursor")),
    status: status as CheckpointStatus,
    processed: Number(processed),
    total: total === null || total === undefined ? null : Number(total),
    updatedAt: defined(updatedAt, "a checkpoint has a time"),
  };
}

/** All checkpoints, newest first. */
export async function readCheckpoints(session: Session, schema: string): Promise<CheckpointRecord[]> {
  const rows = await session.rows(
    `select ${columns} from ${tableIn(schema)} where cursor is not null order by updated_at desc, migration_id, step_index`,
  );
  return rows.map(recordOf);
}

/** The checkpoint; undefined when there is none. */
export async function readCheckpoint(session: Session, place: CheckpointPlace): Promise<CheckpointRecord | undefined> {
  const [row] = await session.rows(
    `select ${columns} from ${tableIn(place.schema)}
     where migration_id = $1 and step_index = $2::integer and cursor is not null
     order by migration_id`,
    [place.migration, String(place.step)],
  );
  return row === undefined ? undefined : recordOf(row);
}

/**
 * Opens the checkpoint for a run. One that was not finished is gone on with, if it is a position in the very same work;
 * one that was finished is begun anew, unless the run finishes the attempt that finished it (`resumed`).
 * @throws ToolError ledger_mismatch when what it is a position in has changed
 */
export async function openCheckpoint(
  session: Session,
  place: CheckpointPlace,
  identity: Identity,
  resumed: boolean,
): Promise<CheckpointRecord> {
  await session.transaction({}, async (tx) => {
    const stored = await readCheckpoint(tx, place);
    const open = stored !== undefined && stored.position.outcome === identity.outcome;
    if (open && stored.status !== "done") {
      const changed = differences(stored.position, identity);
      if (changed.length > 0) throw changedMeanwhile(place, changed);
      await setStatus(tx, place, "running");
    } else if (!(open && resumed && differences(stored.position, identity).length === 0)) {
      await tx.rows(
        `insert into ${tableIn(place.schema)} (migration_id, step_index, cursor, processed_rows, total_rows, status, updated_at)
         values ($1, $2::integer, $3::jsonb, 0, null, 'running', clock_timestamp())
         on conflict (migration_id, step_index) do update set cursor = excluded.cursor, processed_rows = 0,
           total_rows = null, status = excluded.status, updated_at = excluded.updated_at`,
        [place.migration, String(place.step), JSON.stringify(firstPosition(identity))],
      );
    }
  });
  return defined(await readCheckpoint(session, place), "the checkpoint was just written");
}

function changedMeanwhile({ migration, step }: CheckpointPlace, changed: readonly string[]): Error {
  return toolError({
    code: "ledger_mismatch",
    what: `the backfill of step ${step} of ${migration} cannot go on from its checkpoint`,
    why: changed.join("; "),
    state: "the rows it has done stay done; nothing else was changed",
    next: commandLine`put it back as it was, or begin anew: zanith backfill cancel ${migration} --forget`,
  });
}

/** Sets the status whatever it was. */
export async function setStatus(session: Session, place: CheckpointPlace, status: CheckpointStatus): Promise<void> {
  await session.rows(
    `update ${tableIn(place.schema)} set status = $3, updated_at = clock_timestamp()
     where migration_id = $1 and step_index = $2::integer`,
    [place.migration, String(place.step), status],
  );
}

/** Notes how many rows there are to change. */
export async function setTotal(session: Session, place: CheckpointPlace, total: number | null): Promise<void> {
  await session.rows(
    `update ${tableIn(place.schema)} set total_rows = $3::bigint where migration_id = $1 and step_index = $2::integer`,
    [place.migration, String(place.step), total],
  );
}

/** Takes the checkpoint away: a later run begins anew. */
export async function forgetCheckpoint(session: Session, place: CheckpointPlace): Promise<void> {
  await session.rows(`delete from ${tableIn(place.schema)} where migration_id = $1 and step_index = $2::integer`, [
    place.migration,
    String(place.step),
  ]);
}

/** What one turn at giving out ranges changes. */
export interface Turn extends Pick<Position, "next" | "ended" | "pass"> {
  /** the range that is given out; it is named by the turn */
  readonly claim?: Claim;
  /** the range of a session that is gone, which the new one takes the place of */
  readonly adopted?: { readonly name: string; readonly claim: Claim };
  readonly status?: CheckpointStatus;
}

/**
 * Takes the turn after `turn`, unless somebody else did so since that was read or the status is not running any more.
 * Returns the name of the range that was given out, undefined when the turn was lost. Not worth a wait for the disk: a
 * range that is lost in a crash was not worked on either, because whatever commits later is on disk later.
 */
export async function takeTurn(
  session: Session,
  place: CheckpointPlace,
  turn: number,
  change: Turn,
): Promise<string | undefined> {
  const { next, ended, pass, claim, adopted, status = "running" } = change;
  const name = String(turn + 1);
  const rows = await session.transaction({ settings: { synchronous_commit: "off" } }, (tx) =>
    tx.rows(
      `update ${tableIn(place.schema)} set
         cursor = cursor || jsonb_build_object('next', $4::jsonb, 'ended', $5::boolean, 'pass', $6::integer,
           'turn', $7::integer, 'claims', (cursor->'claims') - $8::text || $9::jsonb),
         status = $10, updated_at = clock_timestamp()
       where migration_id = $1 and step_index = $2::integer and status = 'running' and cursor->>'turn' = $3
         and ($11::jsonb is null or cursor #> array['claims', $8] = $11::jsonb)
       returning step_index::text`,
      [
        place.migration,
        String(place.step),
        String(turn),
        JSON.stringify(next),
        ended,
        pass,
        turn + 1,
        adopted?.name ?? "",
        JSON.stringify(claim === undefined ? {} : { [name]: claim }),
        status,
        adopted === undefined ? null : JSON.stringify(adopted.claim),
      ],
    ),
  );
  return rows.length === 1 ? name : undefined;
}

/** The range after one that ends, for the same session; it is given only where nobody else works on the backfill. */
export interface Following {
  /** the turn that gave out the range that ends */
  readonly turn: number;
  readonly claim: Claim;
}

/**
 * Notes in the batch's own transaction that a range was done up to a key, all of it with null, and how many rows that
 * changed; gives out the range that follows, if one is asked for and this session is alone. Returns the checkpoint as it is
 * then; undefined when the range is not this session's any more, or the backfill was ended: the batch must be rolled back.
 */
export async function endRange(
  tx: Session,
  place: CheckpointPlace,
  name: string,
  claim: Claim,
  doneTo: KeyValue | null,
  changed: number,
  following?: Following,
): Promise<CheckpointRecord | undefined> {
  const [row] = await tx.rows(
    `update ${tableIn(place.schema)} set
       cursor = case
         when status = 'running' and cursor->>'turn' = $7 and (cursor->'claims') - $3 = '{}' then cursor || $8::jsonb
         when $5::jsonb = 'null' then cursor #- array['claims', $3]
         else jsonb_set(cursor, array['claims', $3, 'after'], $5::jsonb) end,
       processed_rows = processed_rows + $6::bigint, updated_at = clock_timestamp()
     where migration_id = $1 and step_index = $2::integer and status in ('running', 'paused')
       and cursor #> array['claims', $3] = $4::jsonb
     returning ${columns}`,
    [
      place.migration,
      String(place.step),
      name,
      JSON.stringify(claim),
      JSON.stringify(doneTo),
      changed,
      following === undefined ? null : String(following.turn),
      following === undefined ? null : JSON.stringify(followed(following)),
    ],
  );
  return row === undefined ? undefined : recordOf(row);
}

function followed({ turn, claim }: Following): Partial<Position> {
  const { after, upTo } = claim;
  return { next: upTo ?? after, ended: upTo === null, turn: turn + 1, claims: { [String(turn + 1)]: claim } };
}
