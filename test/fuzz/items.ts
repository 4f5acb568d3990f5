/**
 * Random schemas as sets of items: one statement each, with what it needs and what it provides. What an item needs and does
 * not find is left out with it, so that any choice of items makes a schema that loads.
 */

/** One statement of a schema. Items with equal keys are versions of one thing: never two of them in one schema. */
export interface Item {
  readonly key: string;
  /** statements are run in the order of their ranks, and by need within one */
  readonly rank: number;
  readonly needs: readonly string[];
  /** facts besides the key itself that others may need */
  readonly provides: readonly string[];
  readonly sql: string;
}

/** What a schema is made of, by key. */
export type Items = ReadonlyMap<string, Item>;

/** Two schemas, most of whose items are in both. */
export interface SchemaPair {
  readonly before: Items;
  readonly after: Items;
}

/** The items whose needs are met, in an order in which they can be run. */
export function loadable(items: Items): readonly Item[] {
  const left = [...items.values()].sort((a, b) => a.rank - b.rank);
  const ordered: Item[] = [];
  const facts = new Set<string>();
  for (let found = true; found; ) {
    found = false;
    for (const [at, item] of left.entries()) {
      if (!item.needs.every((need) => facts.has(need))) continue;
      left.splice(at, 1);
      ordered.push(item);
      for (const fact of [item.key, ...item.provides]) facts.add(fact);
      found = true;
      break;
    }
  }
  return ordered;
}

/** The script that makes a schema. */
export function scriptOf(items: Items): string {
  return loadable(items)
    .map(({ sql }) => `${sql};\n`)
    .join("");
}

/** Drawing from a seeded source. */
export interface Draw {
  /** an integer from 0 to below `limit` */
  below(limit: number): number;
  chance(probability: number): boolean;
  one<T>(list: readonly T[]): T;
  /** some of the list, in its order, at least `least` */
  some<T>(list: readonly T[], least: number): T[];
}

/** Draws from numbers of 0 to below 1. */
export function drawFrom(random: () => number): Draw {
  const below = (limit: number): number => Math.floor(random() * limit);
  return {
    below,
    chance: (probability) => random() < probability,
    one: (list) => {
      const found = list[below(list.length)];
      if (found === undefined) throw new Error("nothing to draw from");
      return found;
    },
    some: (list, least) => {
      const wanted = Math.min(list.length, least + below(list.length - least + 1));
      const left = list.map((_, at) => at);
      while (left.length > wanted) left.splice(below(left.length), 1);
      return left.map((at) => list[at] as (typeof list)[number]);
    },
  };
}
