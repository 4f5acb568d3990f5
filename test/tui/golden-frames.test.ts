// Every screen at three sizes as stored frames: reviewed like code, compared whole.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { textWidth } from "../../src/base/text.ts";
import { frameOf } from "../../src/tui/view.ts";
import { expectGolden } from "../support/golden.ts";
import { type SampleNames, sampleReadings, sampleState, sizes } from "./sample.ts";
import { scenesOf } from "./scenes.ts";

const readings = sampleReadings();

function textOf(lines: ReturnType<typeof frameOf>): string {
  return lines
    .map(
      (line) =>
        `${line
          .map(({ text }) => text)
          .join("")
          .trimEnd()}\n`,
    )
    .join("");
}

for (const size of sizes) {
  const folder = join(import.meta.dir, "golden", `${size.columns}x${size.rows}`);
  for (const [name, actions] of Object.entries(scenesOf(readings))) {
    test(`${name} at ${size.columns} x ${size.rows} reads as it is stored`, () => {
      expectGolden(join(folder, `${name}.txt`), textOf(frameOf(sampleState(size, actions, readings), false)));
    });
  }
}

// Control characters but the line break, and what reorders or hides text.
const unsafe = /(?!\n)\p{Cc}|[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;
const hostile: SampleNames = {
  database: "shop\u001b]0;owned\u0007_prod",
  migration: "20260501_113022_add_last_login",
  users: "us{bold}ers\u202egnp.\u001b[31m🚀表\u0000",
  orders: 'or"d\u200bers{/}\r\n\u009b2J',
  user: "de\u0008ploy{underline}",
  error: "line one\u001b[2J\nline two {red-fg} 👩‍👩‍👧 e\u0301\u0301\u0301\u0301\u0301",
};

for (const isAscii of [false, true]) {
  const hostileReadings = sampleReadings({ ...hostile, users: (hostile.users ?? "").replace("\u0000", "") });
  for (const [name, actions] of Object.entries(scenesOf(hostileReadings, hostile))) {
    test(`${name} keeps its shape whatever names and errors hold${isAscii ? ", in ASCII too" : ""}`, () => {
      for (const size of sizes) {
        const lines = frameOf(sampleState(size, actions, hostileReadings), isAscii);
        expect(lines).toHaveLength(size.rows);
        const text = textOf(lines);
        expect(text).not.toMatch(unsafe);
        expect(text).not.toMatch(isAscii ? /[^\n -~]/ : /🚀|👩/u);
        for (const line of lines) {
          expect(line.reduce((cells, one) => cells + textWidth(one.text), 0)).toBe(size.columns);
        }
      }
    });
  }
}

test("below 80 x 24 a plain message says what is needed", () => {
  const state = sampleState({ columns: 79, rows: 24 });
  expect(textOf(frameOf(state, false)).trimEnd()).toBe(
    "zanith needs 80 x 24; this is 79 x 24\nmake the window larger, or press q",
  );
});
