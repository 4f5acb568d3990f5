// Text for cells: what terminals draw in different widths never reaches them, and lines are exactly as wide as asked.
import { expect, test } from "bun:test";
import { textWidth } from "../../src/base/text.ts";
import { asciiChrome, cellText, fit, type UiLine, unicodeChrome, wrap } from "../../src/tui/text.ts";

const plain = (text: string): UiLine => [{ text, role: "plain" }];
const shown = (line: UiLine): string => line.map(({ text }) => text).join("");

test("letters, marks and East Asian characters stay; emoji and joined characters become escapes", () => {
  expect(cellText("naïve e\u0301 表 한 ─ ✓", false)).toBe("naïve e\u0301 表 한 ─ ✓");
  expect(cellText("🚀", false)).toBe("\\u{1f680}");
  expect(cellText("❤\ufe0f", false)).toBe("\\u{2764}\\u{fe0f}");
  expect(cellText(`z${"\u0301".repeat(9)}`, false)).toBe(`z${"\\u{301}".repeat(9)}`);
  expect(cellText("a\u001b[2J\u202eb", false)).toBe("a\\x1b[2J\\u{202e}b");
});

test("in ASCII nothing else is left, and two different names never look the same", () => {
  expect(cellText("表 ✓ → é", true)).toBe("\\u{8868} + -> \\u{e9}");
});

test("a line fits exactly, cut between characters and never within one", () => {
  for (const chrome of [unicodeChrome, asciiChrome]) {
    for (const text of ["", "short", "表表表表表", "a表b表c", "🚀🚀", "e\u0301e\u0301e\u0301", "x".repeat(50)]) {
      for (let width = 0; width < 12; width++) {
        expect(textWidth(shown(fit(plain(text), width, chrome)))).toBe(width);
      }
    }
  }
});

test("wrapping keeps every word and never goes beyond the width", () => {
  const text = `  one two ${"long".repeat(10)} three 表表表表表表表表表表`;
  for (const width of [8, 13, 20, 40, 200]) {
    const lines = wrap(plain(text), width, unicodeChrome).map(shown);
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
    expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
  }
});
