// What the README shows of the screens is what they are: the table of keys and the three pictures.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bindings } from "../../src/tui/bindings.ts";
import { withBindings } from "../../src/tui/keys.ts";
import { frameSvg } from "../../src/tui/svg.ts";
import { frameOf } from "../../src/tui/view.ts";
import { sampleReadings, sampleState } from "./sample.ts";
import { scenesOf } from "./scenes.ts";

const root = join(import.meta.dir, "..", "..");
const readme = readFileSync(join(root, "README.md"), "utf8");

test("the table of keys is that of the bindings (bun run screens --readme writes it)", () => {
  expect(withBindings(readme)).toBe(readme);
});

test("the pictures are frames of the program (bun run screens --readme draws them)", () => {
  const readings = sampleReadings();
  const scenes = scenesOf(readings);
  const pictures = [...readme.matchAll(/\]\((fixtures\/screens\/([a-z-]+)\.svg)\)/g)];
  expect(pictures).toHaveLength(3);
  for (const [, path = "", name = ""] of pictures) {
    const frame = frameOf(sampleState({ columns: 100, rows: 30 }, scenes[name], readings), false);
    expect(readFileSync(join(root, path), "utf8")).toBe(frameSvg(frame, "dark"));
  }
});

test("every key that a binding names says in a sentence what it does", () => {
  expect(bindings.filter(({ help, keys }) => help === "" || keys.length === 0)).toEqual([]);
});
