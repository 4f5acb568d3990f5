/** What archiving a column and renaming it out of the way have in common: names, prediction, how its rows are found again. */
import * as v from "valibot";
import { childrenByParent, type GraphEdit, getObject, type SchemaGraph } from "../model/graph.ts";
import { objectId } from "../model/kinds.ts";
import { type Column, columnSchema, type Sequence } from "../model/object.ts";
import { archiveSchema, parkedName } from "../sql/artifact.ts";
import { generatedSequenceName, qualified } from "../sql/identifier.ts";
import { type KeepRequest, type Operation, operation } from "./define.ts";
import { type ColumnPlace, columnIdOf, placeOf, tableIdOf, withMembers } from "./place.ts";
import { aroundOwner, ownedSequences } from "./remake.ts";
import { notNullIdOf } from "./sql/not-null-constraint.ts";

const nameList = v.optional(v.array(columnSchema.entries.name));

/** Payload members that say how the rows of an archived column are told apart. */
export const rowMembers = {
  /** the columns of the primary key */
  key: nameList,
  /** without a key: all other columns, whose contents tell a row */
  witness: nameList,
  /** its values are kept as text, so that nothing holds on to a type of the schema */
  asText: v.optional(v.literal(true)),
  /** sequences that give the column its numbers */
  sequences: nameList,
};

export interface RowMembers {
  readonly key?: readonly string[] | undefined;
  readonly witness?: readonly string[] | undefined;
  readonly asText?: true | undefined;
  readonly sequences?: readonly string[] | undefined;
}

/** Where the values of an archived column are, as SQL names it. */
export function columnArchive(place: ColumnPlace, id: string): string {
  return qualified(archiveSchema, columnArchiveName(place, id));
}

/** The name of that table. */
export function columnArchiveName({ table, name }: ColumnPlace, id: string): string {
  return parkedName(`${table}_${name}`, id);
}

/** The column is gone, and the sequences it owns. */
export function predictColumnGone(op: ColumnPlace, graph: SchemaGraph): GraphEdit[] {
  return [
    { drop: columnIdOf(op) },
    ...(graph.objects.has(notNullIdOf(op)) ? [{ drop: notNullIdOf(op) }] : []),
    ...ownedSequences(graph, new Set([columnIdOf(op)])).map((sequence) => ({ drop: objectId(sequence) })),
  ];
}

/** The operations that bring a column back: with its sequences around it when they went as well. */
export function restoreColumnOf(
  column: Column,
  owned: readonly Sequence[],
  from: "archive" | "soft",
  id: string,
  rows: RowMembers,
): Operation[] {
  const restore = operation("restoreColumn", {
    column: withMembers(column, { position: undefined }),
    id,
    from,
    ...withMembers({}, { ...rows } as object),
  });
  if (from === "archive") return aroundOwner(owned, [restore]);
  return [owned.length === 0 ? restore : { ...restore, owned }] as Operation[];
}

/** How the rows of a table are told apart, and what else has to be known of a column to keep it. */
export function rowMembersOf(column: Column, before: SchemaGraph): RowMembers {
  const parts = childrenByParent(before).get(tableIdOf(column)) ?? [];
  const key = parts.find((part) => part.kind === "primaryKey");
  const others = parts.filter((part): part is Column => part.kind === "column" && part.name !== column.name);
  const inOrder = others.sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  // A generated column may be computed from the one that goes; what it is computed from tells the row as well.
  const witness = inOrder.filter(({ generated }) => generated === undefined).map(({ name }) => name);
  const sequences = sequencesOf(column, before);
  const usable = key !== undefined && key.kind === "primaryKey" && !key.columns.includes(column.name);
  return {
    ...(usable ? { key: key.columns } : { witness }),
    ...(column.type.includes(".") ? { asText: true as const } : {}),
    ...(sequences.length > 0 ? { sequences } : {}),
  };
}

/** Names of the sequences that a column takes its numbers from and that go with it. */
export function sequencesOf(column: Column, before: SchemaGraph): string[] {
  const { identity } = column;
  if (identity !== undefined) return [identity.sequence ?? generatedSequenceName(column.table, column.name)];
  return ownedSequences(before, new Set([columnIdOf(column)])).map(({ name }) => name);
}

/** Whether a column asks for a value that it does not get by itself. */
export function isRequired({ notNull, default: given, identity, generated }: Column): boolean {
  return notNull === true && given === undefined && identity === undefined && generated === undefined;
}

/** The operation that sets a column aside in the way that was asked for. */
export function keepColumn(place: ColumnPlace, before: SchemaGraph, keep: KeepRequest): Operation[] | undefined {
  const column = getObject(before, "column", columnIdOf(place));
  if (column === undefined) return undefined;
  const common = {
    ...placeOf(place),
    id: keep.id,
    ...(keep.retentionDays === undefined ? {} : { retentionDays: keep.retentionDays }),
  };
  // A column that is only renamed goes on using its type and default.
  const bound = (column.dependsOn ?? []).some((id) => keep.alsoDropped.has(id));
  if (keep.how === "archive" || bound || column.generated !== undefined)
    return [operation("archiveColumn", { ...common, ...rowMembersOf(column, before) })];
  const sequences = sequencesOf(column, before);
  return [
    operation("softDropColumn", {
      ...common,
      ...(isRequired(column) ? { required: true as const } : {}),
      ...(sequences.length > 0 ? { sequences } : {}),
    }),
  ];
}
