/** Two random schemas that have much in common, from a seed. */
import { seededRandom } from "../support/random.ts";
import { drawMore } from "./draw-more.ts";
import { drawRest } from "./draw-rest.ts";
import { drawTables } from "./draw-tables.ts";
import { type Drawing, drawTypes, put, ranks } from "./draw-types.ts";
import { type Draw, drawFrom, type Item, type SchemaPair } from "./items.ts";
import { nameSource } from "./names.ts";

/** How far apart the two schemas of a pair are. */
const pace = [
  { absent: 0.02, other: 0.05 },
  { absent: 0.1, other: 0.2 },
  { absent: 0.3, other: 0.4 },
] as const;

/** The pair of a seed, for servers of a major version; the same seed and version give the same pair. */
export function drawPair(seed: number, major: number): SchemaPair {
  const draw = drawFrom(seededRandom(seed));
  const name = nameSource(draw);
  const others = Array.from({ length: draw.below(3) }, () => name("schema"));
  const on: Drawing = { draw, name, schemas: ["public", ...others], major, versions: new Map() };
  put(on, "schema:public", ranks.schema, "set client_min_messages = warning");
  for (const schema of others) put(on, `schema:${schema}`, ranks.schema, `create schema ${schema}`);
  const types = drawTypes(on);
  const tables = drawTables(on, types);
  drawRest(on, tables);
  drawMore(on, tables);
  return choose(draw, on.versions);
}

function choose(draw: Draw, versions: ReadonlyMap<string, readonly Item[]>): SchemaPair {
  const [before, after] = [new Map<string, Item>(), new Map<string, Item>()];
  const { absent, other } = draw.one(pace);
  for (const [key, all] of versions) {
    const first = draw.one(all);
    const second = draw.chance(other) ? draw.one(all) : first;
    const always = key === "schema:public";
    if (always || !draw.chance(absent)) before.set(key, first);
    if (always || !draw.chance(absent)) after.set(key, second);
  }
  return { before, after };
}
