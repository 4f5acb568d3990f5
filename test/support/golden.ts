/** Golden files: texts that are stored, reviewed like code, and compared whole. ZANITH_UPDATE_GOLDEN=1 writes them anew. */
import { expect } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Expects a text to be exactly what the file at `path` holds. */
export function expectGolden(path: string, text: string): void {
  if (process.env["ZANITH_UPDATE_GOLDEN"] === "1") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  expect(existsSync(path) ? readFileSync(path, "utf8") : "no golden file: run with ZANITH_UPDATE_GOLDEN=1").toBe(text);
}
