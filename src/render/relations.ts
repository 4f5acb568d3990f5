/** Relations of a model as lines, and as text for Graphviz and Mermaid. Names are hostile in all three. */
import { groupBy } from "../base/ordered.ts";
import { safeText } from "../base/text.ts";
import { nameOfId, type ObjectId } from "../model/kinds.ts";
import { edgesOf, type ModelRelations, type RelationStep } from "../model/relations.ts";
import { type Line, line, outside, span } from "./line.ts";

/** Both directions, nearest first. */
export function renderRelations({ refersTo, referredBy }: ModelRelations): Line[] {
  return [
    ...direction(
      "refers to",
      refersTo,
      ({ to, key }) => `${nameOfId(to)}(${key.references.columns.join(", ")})`,
      ({ key }) => key.columns.join(", "),
    ),
    ...direction(
      "referred by",
      referredBy,
      ({ from, key }) => `${nameOfId(from)}(${key.columns.join(", ")})`,
      ({ key }) => key.references.columns.join(", "),
    ),
  ];
}

function direction(
  title: string,
  steps: readonly RelationStep[],
  other: (step: RelationStep) => string,
  own: (step: RelationStep) => string,
): Line[] {
  const lines: Line[] = [line("  ", span(title, "title"), span(`   ${steps.length}`, "dim"))];
  for (const [depth, members] of groupBy(steps, (step) => step.depth)) {
    for (const step of members) {
      const indent = "  ".repeat(depth + 1);
      const via = depth === 1 ? `by ${own(step)}` : `from ${nameOfId(title === "refers to" ? step.from : step.to)}`;
      const actions = [
        step.key.onDelete && `on delete ${step.key.onDelete}`,
        step.key.notValid && "not valid",
        step.key.notEnforced && "not enforced",
      ].filter(Boolean);
      lines.push(
        line(
          indent,
          outside(other(step), "code"),
          "   ",
          outside(via, "dim"),
          actions.length > 0 ? span(`   ${actions.join(", ")}`, "dim") : "",
        ),
      );
    }
  }
  return lines;
}

/** A directed graph in Graphviz's language: one edge per foreign key, labelled with its columns. */
export function graphvizText(relations: ModelRelations): string {
  const edges = edgesOf(relations).map(
    ({ from, to, key }) =>
      `  ${dotString(nameOfId(from))} -> ${dotString(nameOfId(to))} [label=${dotString(key.columns.join(", "))}];`,
  );
  return [
    "digraph relations {",
    "  rankdir=LR;",
    "  node [shape=box];",
    `  ${dotString(nameOfId(relations.model))} [style=bold];`,
    ...edges,
    "}",
    "",
  ].join("\n");
}

function dotString(text: string): string {
  return `"${safeText(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** An entity relationship diagram in Mermaid's language. Names become labels; the ids in it are numbers. */
export function mermaidText(relations: ModelRelations): string {
  const ids = new Map<ObjectId, string>();
  const idOf = (model: ObjectId): string => {
    const known = ids.get(model) ?? `m${ids.size}`;
    ids.set(model, known);
    return known;
  };
  idOf(relations.model);
  const edges = edgesOf(relations).map(
    ({ from, to, key }) => `  ${idOf(from)} }o--|| ${idOf(to)} : ${mermaidString(key.columns.join(", "))}`,
  );
  const nodes = [...ids].map(([model, id]) => `  ${id}[${mermaidString(nameOfId(model))}]`);
  return ["erDiagram", ...nodes, ...edges, ""].join("\n");
}

/** Mermaid has no escape for a quote inside quotes but the entity. */
function mermaidString(text: string): string {
  return `"${safeText(text).replaceAll("#", "#35;").replaceAll('"', "#quot;")}"`;
}
