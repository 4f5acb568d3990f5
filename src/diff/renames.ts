/** Renames that somebody said: `old=new` pairs become operations, and the graph they lead to. */
import { editGraph, type SchemaGraph } from "../model/graph.ts";
import { columnId, makeId, objectId, schemaId, tableId } from "../model/kinds.ts";
import type { SchemaObject } from "../model/object.ts";
import type { Operation } from "../operation/define.ts";
import { objectRenameOperation } from "../operation/object-rename.ts";
import { inWords } from "../operation/place.ts";
import { kindOf } from "../operation/registry.ts";
import { renameColumnOperation } from "../operation/rename-column.ts";
import { namedRenameOperation } from "../operation/rename-named.ts";
import { renameTableOperation } from "../operation/rename-table.ts";
import { quoteLiteral } from "../sql/literal.ts";
import { steppingAside } from "./identity-names.ts";
import { partRenames } from "./part-renames.ts";
import { type RenameCandidate, renameCandidates } from "./rename-candidates.ts";
import { readRenames, type SaidPair, wrongPair } from "./rename-pairs.ts";

export { type RenameCandidate, renameCandidates } from "./rename-candidates.ts";
export { readRenames } from "./rename-pairs.ts";

/** Renames as operations, and the graph they lead to: what is then compared with the wanted one. */
export interface AppliedRenames {
  readonly operations: readonly Operation[];
  readonly graph: SchemaGraph;
}

/** The order in which renames are made, whatever the order they are said in: what holds others comes first. */
const order: readonly SaidPair["of"][] = ["schema", "enumValue", "named", "table", "column"];

/**
 * Turns `old=new` pairs into operations, schemas first, tables before columns, then what only got another name on its
 * table. The schema may be left out where it is public. Throws `usage` when the old side is not in `before` or the new one
 * not in `after`.
 */
export function applyRenames(before: SchemaGraph, after: SchemaGraph, renames: readonly string[]): AppliedRenames {
  const operations: Operation[] = [];
  let graph = before;
  const apply = (op: Operation): void => {
    operations.push(op);
    graph = editGraph(graph, kindOf(op.kind).predict(op, graph));
  };
  const newSchemas = new Map<string, string>();
  const newTables = new Map<string, string>();
  const require = (text: string, name: string, id: string): void =>
    requireNew(text, name, after.objects.has(id), graph.objects.has(id));
  const parsed = readRenames(before, renames).sort((a, b) => order.indexOf(a.of) - order.indexOf(b.of));
  for (const rename of parsed) {
    const { text, from, to } = rename;
    if (rename.of === "schema") {
      require(text, to, schemaId(to));
      apply(objectRenameOperation(graph, after, { of: "schema", from, to }));
      newSchemas.set(from, to);
      continue;
    }
    const schema = newSchemas.get(rename.schema) ?? rename.schema;
    if (rename.of === "enumValue") {
      // A type that gets another name itself gets it afterwards.
      const type = parsed.find(
        ({ of, ...said }) => "id" in said && said.id === makeId("enum", rename.schema, rename.type),
      );
      const [now, then] = [graph, after].map((side, at) =>
        side.objects.get(makeId("enum", schema, at === 0 ? rename.type : (type?.to ?? rename.type))),
      );
      const has = (object: SchemaObject | undefined): boolean => object?.kind === "enum" && object.values.includes(to);
      requireNew(text, `${quoteLiteral(to)} of ${inWords(schema, rename.type)}`, has(then), has(now));
      apply(objectRenameOperation(graph, after, { of: "enumValue", schema, type: rename.type, from, to }));
    } else if (rename.of === "named") {
      const object = movedObject(before, graph, rename.id, schema);
      if (object === undefined) throw wrongPair(text, `${inWords(schema, from)} has another name by then`);
      const renamed = { ...object, name: to } as SchemaObject;
      require(text, inWords(schema, to), objectId(renamed));
      apply(namedRenameOperation(graph, after, object, to));
    } else if (rename.of === "table") {
      require(text, inWords(schema, to), tableId(schema, to));
      apply(renameTableOperation(graph, after, schema, from, to));
      newTables.set(tableId(schema, from), to);
    } else {
      const table = newTables.get(tableId(schema, rename.table)) ?? rename.table;
      if (rename.newTable !== undefined && rename.newTable !== table && rename.newTable !== rename.table) {
        throw wrongPair(text, `a column stays in its table: the old side is in ${inWords(schema, table)}`);
      }
      require(text, inWords(schema, table, to), columnId(schema, table, to));
      apply(renameColumnOperation(graph, after, schema, table, from, to));
    }
  }
  for (const op of steppingAside(graph, after)) apply(op);
  for (const op of partRenames(graph, after)) apply(op);
  return { operations, graph };
}

function requireNew(text: string, name: string, inAfter: boolean, inBefore: boolean): void {
  if (!inAfter) throw wrongPair(text, `${name} is not in the schema that is wanted`);
  if (inBefore) throw wrongPair(text, `${name} is already there before the rename`);
}

/** What an id of the schema before any rename names by now. */
function movedObject(before: SchemaGraph, graph: SchemaGraph, id: string, schema: string): SchemaObject | undefined {
  const old = before.objects.get(id);
  if (old === undefined || !("schema" in old)) return undefined;
  return graph.objects.get(objectId({ ...old, schema } as SchemaObject));
}

/** Candidates that are left when some renames are settled. */
export function unsettledRenames(
  before: SchemaGraph,
  after: SchemaGraph,
  renames: readonly string[],
): RenameCandidate[] {
  return renameCandidates(applyRenames(before, after, renames).graph, after);
}
