/** A comparison as unified text, side by side, and as markdown. The same comparison gives the same bytes. */
import { cutText, padText, plural, safeText } from "../base/text.ts";
import type { Glyphs } from "../render/glyphs.ts";
import { blank, type Line, line, type Role, span } from "../render/line.ts";
import type { ComparedModel, Comparison } from "./compared.ts";
import { sideBySide, unifiedHunks } from "./text-diff.ts";

const sigils = { create: "+", drop: "-", alter: "~" } as const;

/** A unified diff with one header per model, as line tools read it. */
export function unifiedView({ models }: Comparison): Line[] {
  const lines: Line[] = [];
  for (const { kind, name, type, before, after } of models) {
    const title = safeText(`${kind} ${name}`);
    lines.push(line(span(`--- ${type === "create" ? "/dev/null" : title}`, "dim")));
    lines.push(line(span(`+++ ${type === "drop" ? "/dev/null" : title}`, "dim")));
    lines.push(...unifiedHunks(before, after).map((text) => line(span(text, unifiedRole(text)))));
  }
  return lines;
}

function unifiedRole(text: string): Role {
  if (text.startsWith("@@")) return "accent";
  if (text.startsWith("+")) return "ok";
  return text.startsWith("-") ? "bad" : "plain";
}

/** Two columns of the given width in cells, the older text on the left. Long lines are cut, never wrapped. */
export function sideBySideView(comparison: Comparison, glyphs: Glyphs, cells: number): Line[] {
  const half = Math.max(20, Math.floor((cells - 3) / 2));
  return comparison.models.flatMap((model) => [
    line(span(`${sigils[model.type]} ${safeText(`${model.kind} ${model.name}`)}`, "title")),
    ...modelSideBySide(model, glyphs, half),
    blank,
  ]);
}

/** The two texts of one model side by side, each `half` cells wide. */
export function modelSideBySide(
  { before, after }: Pick<ComparedModel, "before" | "after">,
  glyphs: Glyphs,
  half: number,
): Line[] {
  return sideBySide(before, after).map(({ left, right, changed }) => {
    const cell = (text: string | undefined): string => padText(cutText(text ?? "", half, glyphs.ellipsis), half);
    const mark = !changed ? " " : left === undefined ? "+" : right === undefined ? "-" : "~";
    return line(
      span(cell(left), changed ? "bad" : "plain"),
      span(` ${mark} `, changed ? "warn" : "dim"),
      span(cell(right).trimEnd(), changed ? "ok" : "plain"),
    );
  });
}

/** Markdown for a review: a table of what differs, then one folded unified diff per model. */
export function markdownView({ sizes, models, touchesRelation }: Comparison): string {
  const { before, after } = sizes;
  const parts = [
    `**${before.models} → ${after.models} models, ${before.relations} → ${after.relations} relations**, ${plural(models.length, "object")} changed, ${plural(touchesRelation.size, "change")} touching a relation`,
  ];
  if (models.length > 0) {
    parts.push(
      ["| | object | + | − | ~ |", "|---|---|---:|---:|---:|", ...models.map(markdownRow)].join("\n"),
      ...models.map(markdownDetails),
    );
  }
  return `${parts.join("\n\n")}\n`;
}

function markdownRow({ type, kind, name, counts }: ComparedModel): string {
  const count = (value: number): string => (value === 0 ? "" : String(value));
  return `| ${sigils[type]} | ${markdownText(`${kind} ${name}`)} | ${count(counts.created)} | ${count(counts.dropped)} | ${count(counts.altered)} |`;
}

function markdownDetails({ kind, name, before, after }: ComparedModel): string {
  const hunks = unifiedHunks(before, after);
  // A fence longer than any run of backticks inside cannot be closed by a name.
  const longest = Math.max(2, ...hunks.flatMap((text) => [...text.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = "`".repeat(longest + 1);
  return `<details><summary>${htmlText(`${kind} ${name}`)}</summary>\n\n${fence}diff\n${hunks.join("\n")}\n${fence}\n\n</details>`;
}

function markdownText(text: string): string {
  return htmlText(text).replace(/[\\`*_[\]|~]/g, (character) => `\\${character}`);
}

/** A text for HTML, safe in content and in quoted attributes. */
export function htmlText(text: string): string {
  return safeText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
