/** What is known of the live database when risk is judged; every figure may be missing, and then the plan says so. */
import type { ObjectId } from "../model/kinds.ts";

/** Figures of one live table, from the catalog and the statistics views. */
export interface TableFacts {
  /** estimated rows; undefined when the table was never analysed */
  readonly rows?: number;
  /** bytes of heap, TOAST and indexes */
  readonly bytes?: number;
  /** rows inserted, updated and deleted per second since the statistics were reset */
  readonly writesPerSecond?: number;
}

export interface Facts {
  /** server_version_num; undefined without a server */
  readonly server?: number;
  /** whether figures were read from a live database */
  readonly live: boolean;
  table(id: ObjectId): TableFacts | undefined;
  /** whether the object was made earlier in the same migration, so that nobody depends on it yet */
  isFresh(id: ObjectId): boolean;
}

/** Facts without a database: nothing is known and nothing is fresh. */
export const noFacts: Facts = { live: false, table: () => undefined, isFresh: () => false };
