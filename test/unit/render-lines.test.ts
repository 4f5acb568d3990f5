// Lines, columns, tables, times and signs: the small parts every screen is made of.
import { expect, test } from "bun:test";
import { alignColumns, renderTable } from "../../src/render/columns.ts";
import { csvText } from "../../src/render/csv.ts";
import { asciiGlyphs, asciiText, unicodeGlyphs } from "../../src/render/glyphs.ts";
import { block, line, linesText, lineWidth, outside, span } from "../../src/render/line.ts";
import { formatDuration, formatMoment } from "../../src/render/time.ts";

test("texts from outside cannot reach the terminal as escape codes", () => {
  expect(outside("a\u001b[2Jb\u202ec").text).toBe("a\\x1b[2Jb\\u{202e}c");
  expect(linesText(block("select 1;\r\n\tdrop \u0007", "sql", 2))).toBe("  select 1;\n    drop \\x07\n");
});

test("columns begin at the same place and empty ones take no space", () => {
  const rows = [
    [[span("✓")], [span("1")], [span("")], [outside("表")], [span("12 ms")]],
    [[span("✗")], [span("10")], [span("")], [outside("users")], [span("")]],
  ];
  const lines = alignColumns(rows, [
    { gap: 2 },
    { gap: 1, align: "right" },
    { gap: 5 },
    { gap: 1 },
    { gap: 3, align: "right" },
  ]);
  expect(linesText(lines)).toBe("  ✓  1 表      12 ms\n  ✗ 10 users\n");
  expect(lines.map(lineWidth)).toEqual([20, 12]);
});

test("a table puts numbers to the right and shows NULL and line breaks on one line", () => {
  const table = {
    columns: ["kind", "ms"],
    rows: [
      ["addIndex", "612"],
      [null, "7"],
      ["a\n  b", "84"],
    ],
  };
  expect(linesText(renderTable(table))).toBe(
    ["kind       ms", "--------  ---", "addIndex  612", "            7", "a b        84", ""].join("\n"),
  );
});

test("CSV tells NULL from an empty text and gives a spreadsheet nothing to compute", () => {
  const table = {
    columns: ["a", "b"],
    rows: [
      [null, ""],
      ['say "hi", you', "-1.5"],
      ["=1+1", "two\nlines"],
      ["-x", "@y"],
    ],
  };
  expect(csvText(table)).toBe(`a,b\n,""\n"say ""hi"", you",-1.5\n'=1+1,"two\nlines"\n'-x,'@y\n`);
});

test("durations read as people say them", () => {
  const read = [0, 0.4, 41, 998.9, 999.6, 41_230, 59_949, 59_951, 102_000, 3_599_600, 7_500_000].map(formatDuration);
  expect(read).toEqual([
    "0 ms",
    "0 ms",
    "41 ms",
    "999 ms",
    "1.0 s",
    "41.2 s",
    "59.9 s",
    "1 min 00 s",
    "1 min 42 s",
    "1 h 00 min",
    "2 h 05 min",
  ]);
});

test("moments of any time zone are shown in UTC, and what is none stays as it is", () => {
  const read = [
    "2026-04-02 10:31:07.123456+00",
    "2026-04-02 12:31:07+02",
    "2026-04-02 16:01:07.5+05:30",
    "2026-04-02T10:31:07Z",
    "infinity",
    "2026-13-02 10:31:07+00",
  ].map(formatMoment);
  expect(read).toEqual([
    "2026-04-02 10:31:07Z",
    "2026-04-02 10:31:07Z",
    "2026-04-02 10:31:07Z",
    "2026-04-02 10:31:07Z",
    "infinity",
    "2026-13-02 10:31:07+00",
  ]);
});

test("in ASCII every sign has its fallback and two different names never look the same", () => {
  const signs = Object.values(unicodeGlyphs).join(" ");
  expect(asciiText(signs)).toBe(Object.values(asciiGlyphs).join(" "));
  expect(asciiText("naïve 表 😀")).toBe("na\\u{ef}ve \\u{8868} \\u{1f600}");
});

test("a line keeps its spans and the roles they have", () => {
  expect(line("a ", span("b", "bad"), outside("c\u0000", "dim"))).toEqual([
    { text: "a ", role: "plain" },
    { text: "b", role: "bad" },
    { text: "c\\x00", role: "dim" },
  ]);
});
