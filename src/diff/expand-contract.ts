/**
 * Renames of columns and changes of type that would rewrite a table, as two migrations instead of one: the first puts a new
 * column beside the old one with all that hangs on it, the second lets it take its place. Everything else goes along where
 * it disturbs nobody. Pure.
 */
import { canonicalJson, type Json } from "../base/hash.ts";
import { dependentsById, draftGraph, editGraph, emptyGraph, getObject, type SchemaGraph } from "../model/graph.ts";
import { columnId, type ObjectId, objectId, occupiedNames, referencesOf, reliesOn } from "../model/kinds.ts";
import type { Column, ForeignKey, SchemaObject } from "../model/object.ts";
import { contractColumnOperation, type Part } from "../operation/contract-column.ts";
import type { Operation } from "../operation/define.ts";
import { expandColumnOperation, madeColumn } from "../operation/expand-column.ts";
import { withMembers } from "../operation/place.ts";
import { kindOf } from "../operation/registry.ts";
import { editsOfRename, textsThatFollow } from "../operation/rename.ts";
import { temporaryName } from "../operation/replacement.ts";
import { scores } from "../risk/levels.ts";
import { planSteps } from "../risk/plan.ts";
import { type Replacement, replacements } from "./column-replacements.ts";
import { asPart, hangingParts } from "./hanging-parts.ts";
import { planOperations, predictOperations } from "./plan-operations.ts";
import { applyRenames } from "./renames.ts";

/** Two migrations that belong together, and the schema after each. */
export interface ExpandContract {
  readonly expand: readonly Operation[];
  readonly between: SchemaGraph;
  readonly contract: readonly Operation[];
  readonly predicted: SchemaGraph;
}

/** A part on the new column: what it is called while both columns are in use, how it is then, how it is in the end. */
interface Carried {
  readonly meanwhile: Part;
  readonly part: Part;
}

/**
 * The pair of migrations from one schema to another.
 * @throws ToolError usage when nothing in the difference is a rename of a column or a rewriting change of type;
 * not_supported when something on such a column cannot be carried over, naming it
 */
export function planExpandContract(
  before: SchemaGraph,
  after: SchemaGraph,
  options: { readonly renames: readonly string[] },
): ExpandContract {
  const found = replacements(before, after, options.renames);
  const dependents = dependentsById(before);
  const hanging = found.map(({ old }) => hangingParts(before, old, dependents));
  const renamed = applyRenames(before, after, options.renames).graph;
  const made = found.map(({ old, column, meanwhile, values }) =>
    expandColumnOperation({ ...column, name: meanwhile }, old, values),
  );
  const begun = predictOperations(before, made);
  const carried = carriedParts(found, hanging.flat(), { begun, renamed, after });
  const complete = editGraph(begun, [
    ...found.map(({ old, column, meanwhile }) => ({
      put: withMembers(
        { ...column, name: meanwhile },
        {
          position: getObject(begun, "column", columnId(column.schema, column.table, meanwhile))?.position,
          default: undefined,
          notNull: heldByBoth(old, column),
        },
      ),
    })),
    ...carried.map(({ meanwhile }) => ({ put: meanwhile })),
  ]);
  const furnished = [...made, ...planOperations(begun, complete).operations];
  const taking = takeOver(found, hanging, carried);
  const taken = predictOperations(before, [...furnished, ...taking]);
  const rest = planOperations(taken, after).operations;
  const early = harmlessAdditions(rest, before, taken, new Set(found.flatMap(namesOf)));
  const expand = [...early, ...furnished];
  const contract = [...taking, ...rest.filter((op) => !early.includes(op))];
  const between = predictOperations(before, expand);
  return { expand, between, contract, predicted: predictOperations(between, contract) };
}

/** NOT NULL holds for the new column meanwhile when it does for the old one, whose writers would break it otherwise. */
function heldByBoth(old: Column, column: Column): true | undefined {
  return old.notNull && column.notNull ? true : undefined;
}

/**
 * What the wanted schema has on the new columns, as it can be meanwhile. Unique ones and constraints that nothing on the
 * old column corresponds to would stop writers that know only that: they come with the end.
 */
function carriedParts(
  found: readonly Replacement[],
  old: readonly Part[],
  graphs: { readonly begun: SchemaGraph; readonly renamed: SchemaGraph; readonly after: SchemaGraph },
): Carried[] {
  const { begun, renamed, after } = graphs;
  const meanwhile = found.reduce((graph, { column, meanwhile: name }) => {
    if (column.name === name) return graph;
    const rename = {
      of: "column",
      schema: column.schema,
      table: column.table,
      from: column.name,
      to: name,
    } as const;
    return editGraph(graph, editsOfRename(graph, rename, textsThatFollow(graph, emptyGraph, rename)));
  }, after);
  const known = [...renamed.objects.values()].filter((object) => asPart(object) !== undefined);
  const corresponding = new Set([...old.map(objectId), ...known.map(shapeOf)]);
  const taken = new Set([...begun.objects.values()].flatMap((object) => [objectId(object), ...occupiedNames(object)]));
  const columns = new Set(found.map(({ column }) => objectId(column)));
  const carried: Carried[] = [];
  for (const [id, object] of after.objects) {
    const part = asPart(object);
    if (part === undefined || !referencesOf(part).some((target) => columns.has(target))) continue;
    const plainIndex = part.kind === "index" && !part.unique;
    if (!plainIndex && !corresponding.has(id) && !corresponding.has(shapeOf(part))) continue;
    const same = meanwhile.objects.get(id) as Part;
    if (!referencesOf(same).every((target) => begun.objects.has(target))) continue;
    const isTaken = [id, ...occupiedNames(part)].some((key) => taken.has(key));
    const named = isTaken ? { ...same, name: temporaryName(part.name, "new") } : same;
    carried.push({ meanwhile: named, part });
  }
  return carried;
}

/** What has to be equal for two parts to be the same under other names. */
function shapeOf(object: SchemaObject): string {
  const { name: _name, comment: _comment, dependsOn: _dependsOn, ...shape } = object as Part;
  return canonicalJson(shape as unknown as Json);
}

/** The operations that let the new columns take over, each with what no earlier one has dealt with. */
function takeOver(
  found: readonly Replacement[],
  hanging: readonly (readonly Part[])[],
  carried: readonly Carried[],
): Operation[] {
  const settled = new Set<ObjectId>();
  const unsettled = (part: Part): boolean => {
    const id = objectId(part);
    if (settled.has(id)) return false;
    settled.add(id);
    return true;
  };
  const kept = new Set<Carried>();
  return found.map(({ old, column, meanwhile }, at) => {
    const parts = (hanging[at] ?? []).filter(unsettled);
    const stays = (part: Part): part is ForeignKey => part.kind === "foreignKey" && part.match !== "full";
    const names = new Set(carried.map(({ part }) => objectId(part)));
    const keeps = carried.filter(
      (one) => !kept.has(one) && referencesOf(one.part).includes(objectId(column)) && kept.add(one),
    );
    return contractColumnOperation({
      column: withMembers(column, { position: undefined, notNull: heldByBoth(old, column) }),
      from: meanwhile,
      old: column.name === old.name ? { name: old.name, to: temporaryName(old.name, "old") } : { name: old.name },
      drops: parts.filter((part) => !stays(part)),
      parks: parts
        .filter(stays)
        .filter((part) => names.has(objectId(part)))
        .map((foreignKey) => ({ foreignKey, to: temporaryName(foreignKey.name, "old") })),
      keeps: keeps.map((one) => ({ from: one.meanwhile.name, part: one.part })),
    });
  });
}

function namesOf({ old, column, meanwhile }: Replacement): ObjectId[] {
  return [objectId(old), objectId(column), objectId({ ...madeColumn(column), name: meanwhile })];
}

/**
 * Operations that only add something nobody has to know yet, on what is there already or comes with them: they need not
 * wait for the end.
 */
function harmlessAdditions(
  rest: readonly Operation[],
  before: SchemaGraph,
  taken: SchemaGraph,
  columns: ReadonlySet<ObjectId>,
): Operation[] {
  const draft = draftGraph(before);
  const steps = planSteps(rest, taken);
  return rest.filter((op, at) => {
    const step = steps[at];
    const edits = kindOf(op.kind).predict(op, draft.current);
    const isAddition = edits.every(
      (edit) => "put" in edit && edit.at === undefined && !taken.objects.has(objectId(edit.put)),
    );
    if (!isAddition || edits.length === 0 || step === undefined || step.score > scores.low) return false;
    const made = new Set(edits.flatMap((edit) => ("put" in edit ? [objectId(edit.put)] : [])));
    const isGrounded = edits.every(
      (edit) =>
        !("put" in edit) ||
        (reliesOn(edit.put).length === 0 &&
          referencesOf(edit.put).every((id) => !columns.has(id) && (made.has(id) || draft.current.objects.has(id)))),
    );
    if (!isGrounded) return false;
    draft.edit(edits);
    return true;
  });
}
