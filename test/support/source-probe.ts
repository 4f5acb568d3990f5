/** The program of test/binary/source.test.ts: parses scripts and runs schema modules, one JSON line for each argument. */
import { isToolError } from "../../src/base/errors.ts";
import { loadSchemaModule } from "../../src/source/module-source.ts";
import { checkScripts } from "../../src/source/run-scripts.ts";
import { readScripts } from "../../src/source/sql-files.ts";

for (const path of process.argv.slice(2)) process.stdout.write(`${JSON.stringify(await probe(path))}\n`);

async function probe(path: string): Promise<unknown> {
  try {
    if (path.endsWith(".ts")) return [...(await loadSchemaModule(path, path)).graph.objects.keys()];
    const [checked] = await checkScripts(await readScripts(path, path));
    return checked?.statements.map(({ text }) => text);
  } catch (error) {
    return isToolError(error) ? { code: error.code, what: error.what, why: error.why } : String(error);
  }
}
