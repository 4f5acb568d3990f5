/**
 * Draws the main screens into dist/screens as text and SVG, and the table of keys as Markdown; with --readme also the
 * three pictures that the README shows and its table of keys. The data is made up, the frames are those of the program.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bindingsMarkdown, withBindings } from "../src/tui/keys.ts";
import { frameSvg } from "../src/tui/svg.ts";
import { frameOf } from "../src/tui/view.ts";
import { sampleReadings, sampleState } from "../test/tui/sample.ts";
import { scenesOf } from "../test/tui/scenes.ts";

const root = join(import.meta.dir, "..");
const folder = join(root, "dist", "screens");
const pictures = ["plan", "apply-blocked", "models"];
const size = { columns: 100, rows: 30 };

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const readings = sampleReadings();
for (const [name, actions] of Object.entries(scenesOf(readings))) {
  const state = sampleState(size, actions, readings);
  const lines = frameOf(state, false);
  const text = lines
    .map(
      (line) =>
        `${line
          .map((one) => one.text)
          .join("")
          .trimEnd()}\n`,
    )
    .join("");
  writeFileSync(join(folder, `${name}.txt`), text);
  const svg = frameSvg(lines, "dark");
  writeFileSync(join(folder, `${name}.svg`), svg);
  if (process.argv.includes("--readme") && pictures.includes(name)) {
    mkdirSync(join(root, "fixtures", "screens"), { recursive: true });
    writeFileSync(join(root, "fixtures", "screens", `${name}.svg`), svg);
  }
}
writeFileSync(join(folder, "keys.md"), bindingsMarkdown());
if (process.argv.includes("--readme")) {
  const readme = join(root, "README.md");
  writeFileSync(readme, withBindings(readFileSync(readme, "utf8")));
}
process.stdout.write(`dist/screens: ${Object.keys(scenesOf(readings)).length} screens as text and SVG, keys.md\n`);
