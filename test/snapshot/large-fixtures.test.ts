// The large fixtures are what the tool exports from a real database that holds the large schema, byte for byte.
import { expect, test } from "bun:test";
import { exportLarge, storedLarge } from "../../scripts/large-fixtures.ts";
import { createTestDatabase } from "../support/database.ts";

test("the stored exports of 1,000 models and 3,967 relations equal fresh ones", async () => {
  const database = await createTestDatabase();
  try {
    const [fresh, stored] = [await exportLarge(database.url), storedLarge()];
    const counts = (text: string): unknown => {
      const { models, relations } = JSON.parse(text) as { models: number; relations: number };
      return { models, relations };
    };
    expect(counts(stored.before)).toEqual({ models: 1_000, relations: 3_967 });
    expect(Bun.hash(fresh.before)).toBe(Bun.hash(stored.before));
    expect(Bun.hash(fresh.after)).toBe(Bun.hash(stored.after));
  } finally {
    await database.drop();
  }
}, 120_000);
