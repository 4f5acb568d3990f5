/**
 * Reads the scenarios of fixtures/scenario: two schemas each, the rows to seed them with, and what is asked of the plans
 * between them. Runs nothing.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Operation kinds a plan must and must not contain. */
export interface Budget {
  readonly require?: readonly string[];
  readonly forbid?: readonly string[];
}

/** One way through a scenario: from a schema with rows in it to another schema. */
export interface Way {
  readonly from: string;
  readonly seed: string;
  readonly to: string;
  readonly renames: readonly string[];
  readonly budget: Budget;
}

export interface Scenario {
  readonly name: string;
  /** before.sql to after.sql */
  readonly there: Way;
  /** after.sql to before.sql */
  readonly back: Way;
  /** first major version that can hold both schemas */
  readonly since: number;
  /** extensions that must be available on the server */
  readonly extensions: readonly string[];
  /** whether owners are compared as well */
  readonly owners?: boolean;
  /** false: the two schemas have columns in orders that no plan can lead to */
  readonly columnOrder: boolean;
  /** `table.column` whose values are written differently in the type of the other side, and sequences that start anew */
  readonly changedValues: readonly string[];
}

const folder = join(import.meta.dir, "..", "..", "fixtures", "scenario");
const oldestMajor = 14;

/** All scenarios by name. A line such as `-- since 18` in either schema is a marker; budget.json holds the budgets. */
export function loadScenarios(): readonly Scenario[] {
  return readdirSync(folder).sort().map(loadScenario);
}

function loadScenario(name: string): Scenario {
  const read = (file: string): string | undefined => {
    const path = join(folder, name, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  const [before, after] = [read("before.sql"), read("after.sql")];
  if (before === undefined || after === undefined) throw new Error(`${name} needs before.sql and after.sql`);
  const marked = (marker: string): string[] =>
    [...`${before}\n${after}`.matchAll(new RegExp(`^-- ${marker}(?: (.+))?$`, "gm"))].map((found) => found[1] ?? "");
  const seed = read("seed.sql") ?? "";
  const { back, ...there } = JSON.parse(read("budget.json") ?? "{}") as Budget & { readonly back?: Budget };
  const renames = marked("rename");
  return {
    name,
    there: { from: before, seed, to: after, renames, budget: there },
    back: {
      from: after,
      seed: read("seed-after.sql") ?? seed,
      to: before,
      renames: renames.map((rename) => rename.split("=").reverse().join("=")),
      budget: back ?? {},
    },
    since: Math.max(oldestMajor, ...marked("since").map(Number)),
    extensions: marked("needs extension"),
    owners: marked("owners").length > 0,
    columnOrder: marked("column order differs").length === 0,
    changedValues: marked("values change:"),
  };
}

/** A dump of pg_dump in which the order of a table's columns does not show, nor what follows from it: that of statistics on them. */
export function withoutColumnOrder(dump: string): string {
  const sorted = dump.replaceAll(
    /^(CREATE (?:UNLOGGED )?TABLE .*\(\n)((?: {4}.*\n)+)(\);?)$/gm,
    (_, head, body, tail) => {
      const lines = (body as string).trimEnd().split("\n");
      return `${head}${lines
        .map((line) => line.replace(/,$/, ""))
        .sort()
        .join("\n")}\n${tail}`;
    },
  );
  const statistics = sorted.replaceAll(
    /^(CREATE STATISTICS .* ON )((?:"(?:[^"]|"")+"|[a-z_][a-z0-9_]*)(?:, (?:"(?:[^"]|"")+"|[a-z_][a-z0-9_]*))*)(?=, | FROM )/gm,
    (_, head, columns) =>
      head + [...(columns as string).matchAll(/"(?:[^"]|"")+"|[a-z_][a-z0-9_]*/g)].map(String).sort().join(", "),
  );
  return `${statistics.trim().split("\n\n").sort().join("\n\n")}\n`;
}
