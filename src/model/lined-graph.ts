/**
 * A graph that is read from its lines as far as somebody asks: of two documents that were just compared, most lines are
 * equal and never become objects. Holds for documents whose recorded hash is that of their lines; others are read at once.
 */
import type { SchemaGraph, Unmodelled } from "./graph.ts";
import type { ObjectId } from "./kinds.ts";
import type { SchemaObject } from "./object.ts";

export type ObjectMap = ReadonlyMap<ObjectId, SchemaObject>;

/** Checks the values of some lines and gives them their ids; throws what is wrong with the document otherwise. */
export type ReadObjects = (values: readonly unknown[], lines: readonly string[]) => Map<ObjectId, SchemaObject>;

/** The line that a document has for an object. */
export type WriteLine = (object: SchemaObject) => string;

interface Lines {
  readonly lines: readonly string[];
  /** reads objects without asking whether what they are part of is among them */
  readonly read: ReadObjects;
  /** the line of an object */
  readonly write: WriteLine;
}

/** Only of graphs whose objects nobody has asked for yet. */
const unread = new WeakMap<SchemaGraph, Lines>();

/**
 * A graph of a document's lines, each one canonical object, in the order of ids.
 * @param text all lines, as the elements of a JSON array
 * @param readAll reads all objects of the document, where they are first asked for
 */
export function linedGraph(
  text: string,
  lines: readonly string[],
  unmodelled: readonly Unmodelled[],
  { read, write }: Pick<Lines, "read" | "write">,
  readAll: (values: readonly unknown[]) => ObjectMap,
): SchemaGraph {
  let objects: ObjectMap | undefined;
  const graph: SchemaGraph = {
    get objects() {
      if (objects === undefined) {
        objects = readAll(JSON.parse(`[${text}]`));
        unread.delete(graph);
      }
      return objects;
    },
    unmodelled,
  };
  unread.set(graph, { lines, read, write });
  return graph;
}

function valuesOf(lines: readonly string[]): readonly unknown[] {
  return JSON.parse(`[${lines.join(",")}]`);
}

const compared = new WeakMap<SchemaGraph, WeakMap<SchemaGraph, readonly [ObjectMap, ObjectMap]>>();

/** The objects of two graphs in which they may differ: those of lines that only one of them has, or all of them. */
export function unsharedObjects(before: SchemaGraph, after: SchemaGraph): readonly [ObjectMap, ObjectMap] {
  const known = compared.get(before)?.get(after);
  if (known !== undefined) return known;
  const [left, right] = [unread.get(before), unread.get(after)];
  if (left === undefined && right === undefined) return [before.objects, after.objects];
  const result = unsharedOf([before, left], [after, right]);
  compared.set(before, (compared.get(before) ?? new WeakMap()).set(after, result));
  return result;
}

type Side = readonly [graph: SchemaGraph, lines: Lines | undefined];

function unsharedOf([before, left]: Side, [after, right]: Side): readonly [ObjectMap, ObjectMap] {
  if (left !== undefined && right !== undefined) {
    const [gone, added] = unsharedLines(left.lines, right.lines);
    return [objectsOf(before, left, gone), objectsOf(after, right, added)];
  }
  if (right !== undefined) return unsharedWithLines(before.objects, after, right);
  if (left === undefined) return [before.objects, after.objects];
  const [added, gone] = unsharedWithLines(after.objects, before, left);
  return [gone, added];
}

/** What only the objects and only the lines of a document hold. Both are in the order of ids, so most of it stands side by side. */
function unsharedWithLines(objects: ObjectMap, graph: SchemaGraph, lined: Lines): readonly [ObjectMap, ObjectMap] {
  const { lines, write } = lined;
  const alone = new Map<ObjectId, SchemaObject>();
  let at = 0;
  let others: Set<string> | undefined;
  for (const [id, object] of objects) {
    const line = write(object);
    if (others === undefined && line === lines[at]) at++;
    else {
      others ??= new Set(lines.slice(at));
      if (!others.delete(line)) alone.set(id, object);
    }
  }
  const rest = objectsOf(graph, lined, others === undefined ? lines.slice(at) : [...others]);
  // An id that was found among the objects already is in the document twice: reading all of it says where.
  for (const id of rest.keys()) if (objects.has(id) && !alone.has(id)) return [objects, graph.objects];
  return [alone, rest];
}

/** The lines that only one of two documents has. */
function unsharedLines(left: readonly string[], right: readonly string[]): readonly [string[], string[]] {
  const gone = new Set(left);
  // What is found is taken out, so that what is left in the end was not found.
  const added = right.filter((line) => !gone.delete(line));
  return [[...gone], added];
}

function objectsOf(graph: SchemaGraph, { read }: Lines, lines: readonly string[]): ObjectMap {
  try {
    return read(valuesOf(lines), lines);
  } catch (error) {
    // Reading all of them names the place in the document.
    graph.objects;
    throw error;
  }
}

/** How many objects of a kind a graph has. Ids begin with the kind, so those of one kind stand together. */
function countOfKind(graph: SchemaGraph, kind: SchemaObject["kind"]): number {
  const lined = unread.get(graph);
  if (lined === undefined) {
    let count = 0;
    for (const object of graph.objects.values()) if (object.kind === kind) count++;
    return count;
  }
  const { lines } = lined;
  const idAt = (at: number): ObjectId => [...objectsOf(graph, lined, [lines[at] as string]).keys()][0] as ObjectId;
  const firstFrom = (id: string): number => {
    let [low, high] = [0, lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (idAt(middle) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  // The character after the colon ends the range of ids that begin with the kind.
  return firstFrom(`${kind};`) - firstFrom(`${kind}:`);
}

/** Models and relations: the two figures a snapshot is known by. */
export function graphSize(graph: SchemaGraph): { readonly models: number; readonly relations: number } {
  return { models: countOfKind(graph, "table"), relations: countOfKind(graph, "foreignKey") };
}
