/** Differences between two schemas as lines: how many of each kind, and what changed, grouped by model. */
import { compareText, groupBy, sortedBy } from "../base/ordered.ts";
import type { Change } from "../diff/graph-diff.ts";
import { kindOfId, kindRules, modelId, nameOfId, type ObjectId, ruleOf } from "../model/kinds.ts";
import type { ObjectKind, SchemaObject } from "../model/object.ts";
import { alignColumns } from "./columns.ts";
import { describeObject, describeValue, shortName } from "./describe-object.ts";
import type { Glyphs } from "./glyphs.ts";
import { blank, type Line, line, outside, type Span, span } from "./line.ts";

/** The size of a schema: its models and relations. */
export interface SchemaSize {
  readonly models: number;
  readonly relations: number;
}

export interface DiffSizes {
  readonly before: SchemaSize;
  readonly after: SchemaSize;
}

/** What is told of a difference before its changes. */
export interface DiffHead {
  readonly sizes?: DiffSizes;
  /** renames that were said, in words; the changes are what differs beside them */
  readonly renamed?: readonly string[];
}

/** The counts alone: sizes before and after, renames that were said, then one row per kind of object. */
export function renderDiffSummary(changes: readonly Change[], glyphs: Glyphs, about: DiffHead = {}): Line[] {
  const { sizes, renamed = [] } = about;
  const head = sizes === undefined ? [] : [sizeLine(sizes, glyphs)];
  if (changes.length === 0 && renamed.length === 0) return [...head, line(span("no differences", "ok"))];
  const byKind = groupBy(changes, ({ id }) => kindOfId(id));
  const kinds = (Object.keys(kindRules) as ObjectKind[]).filter((kind) => byKind.has(kind));
  const rows = kinds.map((kind) => {
    const ofKind = byKind.get(kind) ?? [];
    return [[span(ruleOf(kind).label)], ...changeTypes.map((type) => [countCell(ofKind, type, glyphs)])];
  });
  if (renamed.length > 0) {
    rows.unshift([[span("renamed")], [span("")], [span("")], [mark("alter", glyphs, String(renamed.length))]]);
  }
  return [
    ...head,
    ...alignColumns(rows, [
      { gap: 2 },
      { gap: 3, align: "right" },
      { gap: 3, align: "right" },
      { gap: 3, align: "right" },
    ]),
  ];
}

/** Every difference, grouped by model; a new or lost model counts its parts instead of listing them. */
export function renderDiff(changes: readonly Change[], glyphs: Glyphs, about: DiffHead = {}): Line[] {
  const { sizes, renamed = [] } = about;
  if (changes.length === 0 && renamed.length === 0) return renderDiffSummary(changes, glyphs, about);
  const groups = sortedBy(groupBy(changes, groupOf), ([id]) => nameOfId(id));
  const lines: Line[] = sizes === undefined ? [] : [sizeLine(sizes, glyphs), blank];
  for (const words of renamed)
    lines.push(line(mark("alter", glyphs), span(" renamed ", "dim"), outside(words, "title")));
  for (const [id, members] of groups) lines.push(...renderGroup(id, members, glyphs));
  return lines;
}

const changeTypes = ["create", "drop", "alter"] as const;
type ChangeType = (typeof changeTypes)[number];

function sizeLine({ before, after }: DiffSizes, glyphs: Glyphs): Line {
  return line(
    span(`${before.models} ${glyphs.arrow} ${after.models} models   `, "title"),
    span(`${before.relations} ${glyphs.arrow} ${after.relations} relations`, "title"),
  );
}

function countCell(changes: readonly Change[], type: ChangeType, glyphs: Glyphs): Span {
  const count = changes.filter((change) => change.type === type).length;
  return count === 0 ? span("") : mark(type, glyphs, String(count));
}

function mark(type: ChangeType, glyphs: Glyphs, text = ""): Span {
  switch (type) {
    case "create":
      return span(glyphs.added + text, "ok");
    case "drop":
      return span(glyphs.removed + text, "bad");
    case "alter":
      return span(glyphs.altered + text, "warn");
  }
}

/** The model a change belongs to: the table of its parts, or the object itself. */
function groupOf(change: Change): ObjectId {
  return modelId(objectOf(change)) ?? change.id;
}

function objectOf(change: Change): SchemaObject {
  return change.type === "create" ? change.after : change.before;
}

function renderGroup(id: ObjectId, changes: readonly Change[], glyphs: Glyphs): Line[] {
  const own = changes.find((change) => change.id === id);
  const parts = changes.filter((change) => change.id !== id).sort(byKindThenName);
  const label = kindOfId(id) === "table" ? [] : [span(`${ruleOf(kindOfId(id)).label} `, "dim")];
  const name = outside(nameOfId(id), "title");
  if (own !== undefined && own.type !== "alter") {
    const about = parts.length > 0 ? countParts(parts) : describeObject(objectOf(own));
    return [line(mark(own.type, glyphs), " ", ...label, name, about === "" ? "" : "   ", outside(about, "dim"))];
  }
  const counts = changeTypes.flatMap((type) => {
    const count = countCell(parts, type, glyphs);
    return count.text === "" ? [] : [span(" "), count];
  });
  const head = line(mark("alter", glyphs), " ", ...label, name, ...(counts.length > 0 ? [span("  "), ...counts] : []));
  const attributes = own?.type === "alter" ? attributeLines(own, glyphs, 4) : [];
  return [head, ...attributes, ...parts.flatMap((part) => renderPart(part, glyphs))];
}

/** Parts in the order a reader looks for them: columns first, then keys, checks, indexes. */
function byKindThenName(a: Change, b: Change): number {
  const ranks = ruleOf(kindOfId(a.id)).rank - ruleOf(kindOfId(b.id)).rank;
  return ranks === 0 ? compareText(a.id, b.id) : ranks;
}

function countParts(parts: readonly Change[]): string {
  const byLabel = groupBy(parts, ({ id }) => ruleOf(kindOfId(id)).label);
  return [...byLabel].map(([label, members]) => `${members.length} ${pluralLabel(label, members.length)}`).join(", ");
}

function pluralLabel(label: string, count: number): string {
  if (count === 1 || label === "row level security") return label;
  if (label.endsWith("index")) return `${label}es`;
  return label.endsWith("y") && !label.endsWith("ey") ? `${label.slice(0, -1)}ies` : `${label}s`;
}

function renderPart(change: Change, glyphs: Glyphs): Line[] {
  const object = objectOf(change);
  const label = ruleOf(object.kind).label;
  const name = object.kind === "column" ? [] : [span(`${label} `, "dim")];
  const head = [span("    "), mark(change.type, glyphs), span(" "), ...name, outside(shortName(object), "code")];
  if (change.type !== "alter") return [line(...head, "  ", outside(describeObject(object), "dim"))];
  return [line(...head), ...attributeLines(change, glyphs, 8)];
}

function attributeLines(change: Extract<Change, { type: "alter" }>, glyphs: Glyphs, indent: number): Line[] {
  const before = change.before as unknown as Record<string, unknown>;
  const after = change.after as unknown as Record<string, unknown>;
  return change.attributes.map((name) =>
    line(
      " ".repeat(indent),
      span(`${wordsOf(name)}: `, "dim"),
      outside(describeValue(before[name])),
      span(` ${glyphs.arrow} `, "dim"),
      outside(describeValue(after[name])),
    ),
  );
}

/** `notNull` as `not null`. */
function wordsOf(attribute: string): string {
  return attribute.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
