/** Lines of text with roles: what every renderer returns. Says nothing about colours, escape codes or where it is shown. */
import { safeLines, safeText, textWidth } from "../base/text.ts";
import type { Level } from "../risk/levels.ts";

/** What a piece of text is, so that each front end can style it in its own way. */
export type Role = "plain" | "title" | "dim" | "ok" | "warn" | "bad" | "sql" | "code" | "accent" | `level-${Level}`;

/** A piece of one line: no line breaks, no escape codes. */
export interface Span {
  readonly text: string;
  readonly role: Role;
}

export type Line = readonly Span[];

/** A span of the tool's own words. */
export function span(text: string, role: Role = "plain"): Span {
  return { text, role };
}

/** A span of a text from outside, made safe for a terminal. */
export function outside(text: string, role: Role = "plain"): Span {
  return { text: safeText(text), role };
}

/** A line of spans; bare strings are the tool's own words. */
export function line(...parts: readonly (Span | string)[]): Line {
  return parts.map((part) => (typeof part === "string" ? span(part) : part));
}

/** An empty line. */
export const blank: Line = [];

/** A text from outside, line by line, each behind an indent. */
export function block(text: string, role: Role, indent = 0): Line[] {
  const lead = " ".repeat(indent);
  return safeLines(text).map((content) => (content === "" ? blank : [span(lead + content, role)]));
}

/** The lines behind an indent; empty lines stay empty. */
export function indented(lines: readonly Line[], cells: number): Line[] {
  const lead = span(" ".repeat(cells));
  return lines.map((content) => (content.length === 0 ? content : [lead, ...content]));
}

/** The text of a line without its roles. */
export function lineText(content: Line): string {
  return content.map(({ text }) => text).join("");
}

/** The text of some lines, one each, without roles: for files, tests and terminals without colour. */
export function linesText(lines: readonly Line[]): string {
  return lines.map((content) => `${lineText(content).trimEnd()}\n`).join("");
}

/** The number of terminal cells a line takes. */
export function lineWidth(content: Line): number {
  return content.reduce((width, { text }) => width + textWidth(text), 0);
}
