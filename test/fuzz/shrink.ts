/** Makes a pair of schemas smaller while something about it stays true. */
import { type Items, loadable, type SchemaPair } from "./items.ts";

/** How many smaller pairs are tried at most. */
const maxTries = 400;

/** The smallest pair found that is still `wanted`. */
export async function shrink(pair: SchemaPair, wanted: (pair: SchemaPair) => Promise<boolean>): Promise<SchemaPair> {
  let best = { before: kept(pair.before), after: kept(pair.after) };
  let tries = 0;
  const attempt = async (candidate: SchemaPair): Promise<boolean> => {
    if (tries++ >= maxTries || !(await wanted(candidate))) return false;
    best = { before: kept(candidate.before), after: kept(candidate.after) };
    return true;
  };
  const keys = (): string[] => [...new Set([...best.before.keys(), ...best.after.keys()])];
  for (let part = Math.ceil(keys().length / 2); part >= 1; part = part === 1 ? 0 : Math.ceil(part / 2)) {
    for (let at = 0; at < keys().length; ) {
      const leaving = new Set(keys().slice(at, at + part));
      const without = (items: Items): Items => new Map([...items].filter(([key]) => !leaving.has(key)));
      const smaller = await attempt({ before: without(best.before), after: without(best.after) });
      if (!smaller) at += part;
    }
  }
  for (const key of keys()) {
    const [old, now] = [best.before.get(key), best.after.get(key)];
    if (old === now) continue;
    const same = now ?? old;
    if (same)
      await attempt({ before: new Map([...best.before, [key, same]]), after: new Map([...best.after, [key, same]]) });
  }
  return best;
}

function kept(items: Items): Items {
  return new Map(loadable(items).map((item) => [item.key, item]));
}
