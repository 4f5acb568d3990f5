/** A frame as an SVG picture: cells on a grid, the dark theme's colours as most terminals draw them. For documents only. */
import { textWidth } from "../base/text.ts";
import type { UiLine } from "./text.ts";
import { styleOf, type ThemeName } from "./theme.ts";

const cell = { width: 8.5, height: 18, base: 13.5 } as const;
const margin = 12;
const palette: Readonly<Record<number, string>> = {
  1: "#e06c75",
  2: "#98c379",
  3: "#e5c07b",
  4: "#61afef",
  5: "#c678dd",
  6: "#56b6c2",
  8: "#7f848e",
};
const ink = "#d7dae0";
const paper = "#1e2127";

/** The picture of a frame. */
export function frameSvg(lines: readonly UiLine[], theme: ThemeName): string {
  const columns = lines.reduce((most, line) => Math.max(most, cellsOf(line)), 0);
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = lines.length * cell.height + 2 * margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" rx="8" fill="${paper}"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
    ...lines.flatMap((line, row) => lineSvg(line, margin + row * cell.height, theme)),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function cellsOf(line: UiLine): number {
  return line.reduce((sum, { text }) => sum + textWidth(text), 0);
}

function lineSvg(line: UiLine, top: number, theme: ThemeName): string[] {
  const parts: string[] = [];
  let column = 0;
  for (const one of line) {
    const cells = textWidth(one.text);
    const { color, bold, inverse } = styleOf(one, theme);
    const left = margin + column * cell.width;
    const fill = color === undefined ? ink : (palette[color] ?? ink);
    if (inverse === true && cells > 0) {
      parts.push(
        `<rect x="${round(left)}" y="${top}" width="${round(cells * cell.width)}" height="${cell.height}" fill="${ink}" shape-rendering="crispEdges"/>`,
      );
    }
    if (one.text.trim() !== "") {
      // Every run is stretched to its cells, so that columns meet whatever font a reader has.
      const attributes = [
        `x="${round(left)}" y="${top + cell.base}" textLength="${round(cells * cell.width)}" lengthAdjust="spacingAndGlyphs"`,
        `fill="${inverse === true ? paper : fill}"`,
        ...(bold === true ? ['font-weight="bold"'] : []),
      ];
      parts.push(`<text ${attributes.join(" ")}>${escaped(one.text)}</text>`);
    }
    column += cells;
  }
  return parts;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  // Leading and trailing spaces are part of the run's cells.
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(" ", "\u00a0");
}
