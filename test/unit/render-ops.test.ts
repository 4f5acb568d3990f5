// The reference of operation kinds: the product's 31 named exactly, ours apart, and never at odds with what is built.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { groupBy } from "../../src/base/ordered.ts";
import { operationKinds } from "../../src/operation/registry.ts";
import { linesText } from "../../src/render/line.ts";
import { opsEntries, renderOps } from "../../src/render/ops.ts";
import { productKinds } from "../../src/risk/product-kinds.ts";
import { expectGolden } from "../support/golden.ts";

test("the product has 31 kinds in seven families, named exactly so", () => {
  const families = [...groupBy(productKinds, ({ family }) => family)].map(([family, kinds]) => [
    family,
    kinds.map(({ kind }) => kind),
  ]);
  expect(families).toEqual([
    ["create", ["createExtension", "createTable", "addColumn", "addGeneratedColumn"]],
    ["index & constraint", ["addIndex", "dropIndex", "addUnique", "dropUnique", "addForeignKey", "dropForeignKey"]],
    ["alter", ["alterColumnType", "alterColumnNullable", "alterColumnDefault", "renameTable", "renameColumn"]],
    ["drop", ["dropColumn", "dropTable", "dropExtension"]],
    ["security", ["enableRls", "disableRls", "createPolicy", "dropPolicy"]],
    [
      "recovery & advanced",
      [
        "softDropColumn",
        "softDropTable",
        "archiveColumn",
        "archiveTable",
        "backfill",
        "splitColumn",
        "mergeColumns",
        "rebuildTable",
      ],
    ],
    ["escape hatch", ["rawSql"]],
  ]);
});

test("what is built of the 31 has the family and the base level of the reference", () => {
  const built = operationKinds
    .filter(({ product }) => product)
    .map(({ kind, family, base }) => ({ kind, family, base }));
  const reference = productKinds.map(({ kind, family, base }) => ({ kind, family, base }));
  expect(built.filter((one) => !reference.some((other) => Bun.deepEquals(one, other)))).toEqual([]);
});

test("a kind that is not built is listed as one that comes later", () => {
  const entries = opsEntries(productKinds, operationKinds);
  const built = new Set(operationKinds.map(({ kind }) => kind));
  expect(entries.filter((entry) => entry.built !== built.has(entry.kind))).toEqual([]);
  expect(entries.filter(({ product }) => product)).toHaveLength(31);
  expect(new Set(entries.map(({ kind }) => kind)).size).toBe(entries.length);
});

test("the reference shows what is built, what comes later and what is ours, as it is stored", () => {
  const built = [
    {
      kind: "addColumn",
      family: "create",
      product: true,
      summary: "add a column",
      base: "safe",
      baseNote: "high at times",
    },
    { kind: "createEnum", family: "types & sequences", product: false, summary: "make an enum type", base: "safe" },
  ] as const;
  expectGolden(
    join(import.meta.dir, "golden", "render-ops.txt"),
    linesText(renderOps(opsEntries(productKinds, built))),
  );
});
