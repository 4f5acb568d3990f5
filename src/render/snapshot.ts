/** Stored snapshots as a list, and one schema as counts and models. */

import { shortHash } from "../base/hash.ts";
import { groupBy } from "../base/ordered.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { kindRules, nameOfId, objectId, tableId } from "../model/kinds.ts";
import type { ObjectKind } from "../model/object.ts";
import { alignColumns } from "./columns.ts";
import type { Glyphs } from "./glyphs.ts";
import { blank, type Line, line, outside, span } from "./line.ts";
import { renderUnmodelled } from "./notes.ts";
import { formatMoment } from "./time.ts";

export interface SnapshotView {
  readonly migration: string;
  readonly phase: string;
  readonly capturedAt: string;
  readonly hash: string;
  readonly models: number;
  readonly relations: number;
}

/** The snapshots, oldest first as given. */
export function renderSnapshots(snapshots: readonly SnapshotView[]): Line[] {
  if (snapshots.length === 0) return [line(span("no snapshots", "dim"))];
  return alignColumns(
    snapshots.map(({ migration, phase, capturedAt, hash, models, relations }) => [
      [outside(migration, "title")],
      [outside(phase, "dim")],
      [outside(formatMoment(capturedAt))],
      [span(`${models} model(s)`)],
      [span(`${relations} relation(s)`)],
      [outside(shortHash(hash), "dim")],
    ]),
    [{ gap: 0 }, { gap: 3 }, { gap: 3 }, { gap: 3, align: "right" }, { gap: 3, align: "right" }, { gap: 3 }],
  );
}

/** One line per link of the stored history; what differs stands below a broken one. */
export function renderChain(links: readonly ChainLinkView[], glyphs: Glyphs): Line[] {
  if (links.length === 0) return [line(span("no snapshots", "dim"))];
  return links.flatMap(({ migration, status, why, differences }) => [
    line(
      status === "holds"
        ? span(`${glyphs.applied} `, "ok")
        : status === "broken"
          ? span(`${glyphs.failed} `, "bad")
          : span(`${glyphs.open} `, "warn"),
      outside(migration, "title"),
      "   ",
      outside(why, "dim"),
    ),
    ...differences.slice(0, shownDifferences).map((text) => line("    ", outside(text, "warn"))),
    ...(differences.length > shownDifferences ? [line(`    and ${differences.length - shownDifferences} more`)] : []),
  ]);
}

/** Differences listed below a broken link: the first ones say what kind of change it was. */
const shownDifferences = 20;

export interface ChainLinkView {
  readonly migration: string;
  readonly status: "holds" | "broken" | "unknown";
  readonly why: string;
  readonly differences: readonly string[];
}

/** A schema: how many objects of each kind, then every model with its columns and the relations to and from it. */
export function renderSchema(graph: SchemaGraph): Line[] {
  const objects = [...graph.objects.values()];
  const byKind = groupBy(objects, ({ kind }) => kind);
  const counts = (Object.keys(kindRules) as ObjectKind[]).flatMap((kind) => {
    const count = byKind.get(kind)?.length ?? 0;
    return count === 0 ? [] : [[[span(kindRules[kind].label)], [span(String(count), "title")]]];
  });
  const columns = new Map<string, number>();
  const outgoing = new Map<string, number>();
  const incoming = new Map<string, number>();
  const add = (counter: Map<string, number>, id: string): void => void counter.set(id, (counter.get(id) ?? 0) + 1);
  for (const object of objects) {
    if (object.kind === "column") add(columns, tableId(object.schema, object.table));
    if (object.kind !== "foreignKey") continue;
    add(outgoing, tableId(object.schema, object.table));
    add(incoming, tableId(object.references.schema, object.references.table));
  }
  const models = (byKind.get("table") ?? []).map((table) => {
    const id = objectId(table);
    return [
      [outside(nameOfId(id), "code")],
      [span(`${columns.get(id) ?? 0} columns`, "dim")],
      [span(`refers to ${outgoing.get(id) ?? 0}`, "dim")],
      [span(`referred by ${incoming.get(id) ?? 0}`, "dim")],
    ];
  });
  return [
    ...alignColumns(counts, [{ gap: 2 }, { gap: 3, align: "right" }]),
    ...(models.length === 0
      ? []
      : [blank, ...alignColumns(models, [{ gap: 2 }, { gap: 3, align: "right" }, { gap: 3 }, { gap: 3 }])]),
    ...renderUnmodelled(graph.unmodelled),
  ];
}
