/** Changes of a random schema: a few steps away from a copy of it, each of the sort that people make. */
import {
  addCheck,
  addForeignKey,
  addIndex,
  addPolicy,
  addTrigger,
  addUnique,
  type Draw,
  plainTypes,
  randomColumn,
  randomFunction,
  randomSequence,
  randomTable,
  randomType,
  randomView,
  relatedTypes,
} from "./random-schema.ts";
import type { RandomSchema, RandomTable } from "./schema-shape.ts";

/** A copy of a schema after some changes. */
export function mutated(schema: RandomSchema, draw: Draw): RandomSchema {
  const copy = structuredClone(schema);
  for (let at = 1 + draw.below(12); at > 0; at--) draw.one(changes)(draw, copy);
  return copy;
}

function dropOne<T>(draw: Draw, items: T[]): void {
  if (items.length > 0) items.splice(draw.below(items.length), 1);
}

type TableChange = (draw: Draw, schema: RandomSchema, table: RandomTable) => void;

/** Columns that may go or change their type: the key stays what it is. */
const others = (table: RandomTable) =>
  table.columns.filter(({ name, generated }) => name !== "id" && generated === undefined);

const tableChanges: readonly TableChange[] = [
  (draw, schema, table) => table.columns.push(randomColumn(draw, schema, table.hasRows)),
  (draw, schema, table) => table.columns.push(randomColumn(draw, schema, table.hasRows)),
  (draw, _, table) => {
    const [gone] = [draw.one([...others(table), undefined])];
    if (gone !== undefined) table.columns.splice(table.columns.indexOf(gone), 1);
  },
  (draw, _, table) => {
    const column = draw.one([...others(table), undefined]);
    const related = relatedTypes.find((types) => column !== undefined && types.includes(column.type));
    if (column !== undefined && related !== undefined) column.type = draw.one(related);
  },
  (draw, _, table) => {
    const column = draw.one([...others(table), undefined]);
    // Rows hold the default of a column, which a key of another table need not have.
    if (column === undefined || table.foreignKeys.some((key) => key.column === column.name)) return;
    if (!table.hasRows) column.notNull = !column.notNull;
    column.default = column.default === undefined && plainTypes[column.type] !== undefined ? "plain" : undefined;
  },
  (draw, _, table) => {
    const column = draw.one(table.columns);
    if (column.name !== "id") column.comment = draw.one(["new words", undefined]);
    if (column.name !== "id") column.storage = draw.one(["external", "main", undefined]);
  },
  (draw, _, table) => {
    const [key] = table.columns;
    if (key !== undefined && !table.isDivided) key.identity = draw.one(["always", "by default", undefined]);
  },
  (_, __, table) => {
    if (!table.isDivided) table.hasKey = !table.hasKey;
  },
  addUnique,
  (draw, _, table) => dropOne(draw, table.uniques),
  (draw, schema, table) => {
    if (!table.hasRows) addCheck(draw, schema, table);
  },
  (draw, _, table) => {
    const check = draw.one([...table.checks, undefined]);
    if (check !== undefined) check.form = draw.below(3);
  },
  (draw, _, table) => dropOne(draw, table.checks),
  addIndex,
  (draw, _, table) => {
    const index = draw.one([...table.indexes, undefined]);
    if (index !== undefined) Object.assign(index, { descending: !index.descending, partial: draw.chance(0.5) });
  },
  (draw, _, table) => dropOne(draw, table.indexes),
  addForeignKey,
  (draw, _, table) => {
    const key = draw.one([...table.foreignKeys, undefined]);
    if (key !== undefined) Object.assign(key, { onDelete: "cascade", deferrable: !key.deferrable });
  },
  (draw, _, table) => dropOne(draw, table.foreignKeys),
  addTrigger,
  (draw, _, table) => {
    const trigger = draw.one([...table.triggers, undefined]);
    if (trigger !== undefined)
      Object.assign(trigger, { timing: draw.one(["before", "after"]), state: "enable replica" });
  },
  (draw, _, table) => dropOne(draw, table.triggers),
  addPolicy,
  (draw, _, table) => {
    const policy = draw.one([...table.policies, undefined]);
    if (policy !== undefined) policy.value = draw.below(100);
  },
  (draw, _, table) => dropOne(draw, table.policies),
  (draw, _, table) => {
    table.rowSecurity = !table.rowSecurity;
    table.comment = draw.one(["table words", undefined]);
    if (!table.isDivided) table.fillfactor = draw.one([50, 80, undefined]);
  },
  (draw, _, table) => {
    if (!table.isDivided) return;
    if (draw.chance(0.5)) table.partitions.push((table.partitions.at(-1) ?? 0) + 100);
    else table.partitions.pop();
  },
];

const changes: readonly ((draw: Draw, schema: RandomSchema) => void)[] = [
  ...tableChanges.map((change) => (draw: Draw, schema: RandomSchema) => {
    const table = draw.one([...schema.tables, undefined]);
    if (table !== undefined) change(draw, schema, table);
  }),
  (draw, schema) => schema.tables.push(randomTable(draw, schema)),
  (draw, schema) => dropOne(draw, schema.tables),
  (draw, schema) => schema.views.push(randomView(draw, schema)),
  (draw, schema) => dropOne(draw, schema.views),
  (draw, schema) => {
    const view = draw.one([...schema.views, undefined]);
    if (view !== undefined) Object.assign(view, { minimum: draw.below(100), barrier: draw.chance(0.5) });
  },
  (draw, schema) => {
    const view = draw.one([...schema.views, undefined]);
    if (view !== undefined && draw.chance(0.5)) view.columns.pop();
    else if (view !== undefined) view.materialized = !view.materialized;
  },
  (draw, schema) => schema.types.push(randomType(draw, schema)),
  (draw, schema) => {
    const type = draw.one([...schema.types, undefined]);
    if (type === undefined) return;
    type.limit = draw.below(100);
    type.comment = draw.one(["type words", undefined]);
    if (type.kind === "enum") type.members.splice(draw.below(type.members.length + 1), 0, `new${draw.below(99)}`);
    if (type.kind === "composite") type.members.push("date");
  },
  (draw, schema) => {
    const type = draw.one([...schema.types, undefined]);
    if (type !== undefined && type.members.length > 1) dropOne(draw, type.members);
  },
  (draw, schema) => dropOne(draw, schema.types),
  (draw, schema) => schema.sequences.push(randomSequence(draw, schema)),
  (draw, schema) => {
    const sequence = draw.one([...schema.sequences, undefined]);
    if (sequence !== undefined) Object.assign(sequence, { increment: 1 + draw.below(9), cycle: draw.chance(0.5) });
  },
  (draw, schema) => dropOne(draw, schema.sequences),
  (draw, schema) => schema.functions.push(randomFunction(draw, schema)),
  (draw, schema) => {
    const fn = draw.one([...schema.functions, undefined]);
    if (fn !== undefined) Object.assign(fn, { factor: draw.below(10), strict: !fn.strict });
  },
  (draw, schema) => dropOne(draw, schema.functions),
];
