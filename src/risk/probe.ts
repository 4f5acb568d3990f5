/** Preflight probes: read-only questions to live rows whose answer decides whether a step can succeed. */
import type { ObjectId } from "../model/kinds.ts";

/** The four probes of the product. */
export type ProbeName = "duplicates" | "orphans" | "nulls" | "populated";

export interface Probe {
  readonly name: ProbeName;
  /** what was asked, as a phrase: `duplicate values of users(email)` */
  readonly question: string;
  /**
   * A query of up to `probeLimit` offending rows; its columns are named and every one is cast to text.
   * Zero rows: the probe passes.
   */
  readonly sql: string;
  /** objects that must exist in the live schema for the question to make sense; if one is missing the probe passes */
  readonly requires: readonly ObjectId[];
  /** what a person can do about it */
  readonly advice: string;
}

/** Offending rows shown by a probe. */
export const probeLimit = 5;
