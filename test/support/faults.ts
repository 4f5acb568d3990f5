/** The seed and the size of a run of fault tests, from the environment: ZANITH_SEED, and ZANITH_FAULTS=long for all of it. */
import { seededRandom } from "./random.ts";

export const isLong = process.env["ZANITH_FAULTS"] === "long";
export const seed = Number(process.env["ZANITH_SEED"] ?? "20261122");
export const random = seededRandom(seed);

/** So many different whole numbers from 1 to `last`, in order: all of them, or one drawn from each part of the whole. */
export function pointsOf(last: number, count: number): number[] {
  if (count >= last) return Array.from({ length: last }, (_, at) => at + 1);
  const width = last / count;
  return Array.from({ length: count }, (_, at) => 1 + Math.min(last - 1, Math.floor((at + random()) * width)));
}
