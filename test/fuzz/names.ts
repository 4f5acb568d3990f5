/** Names that are hard to quote, to cut and to tell apart, each given once. */
import type { Draw } from "./items.ts";

const reserved = ["order", "user", "select", "table", "group", "check", "default", "references", "unique", "with"];
const longestName = 63;

/** Gives quoted names, none of them twice. */
export function nameSource(draw: Draw): (base: string) => string {
  const used = new Set<string>();
  return (base) => {
    for (let number = used.size; ; number++) {
      const name = styled(draw, base, number);
      if (used.has(name)) continue;
      used.add(name);
      return quote(name);
    }
  };
}

function styled(draw: Draw, base: string, number: number): string {
  const plain = `${base}_${number}`;
  const style = draw.below(16);
  if (style === 0) return draw.one(reserved);
  if (style === 1) return `${base}${number} Mixed`;
  if (style === 2) return `${base}_ünïcödé_${number}`;
  if (style === 3) return plain.padEnd(longestName, "x");
  if (style === 4)
    return `${plain}_`
      .padEnd(longestName - 3, "y")
      .concat("ж")
      .padEnd(longestName - 1, "z");
  if (style === 5) return `${base}.${number}"q`;
  if (style === 6) return `${number}'${base}\\`;
  return plain;
}

/** An identifier in double quotes. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
