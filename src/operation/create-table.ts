/** createTable: a table with its columns, keys and checks. Foreign keys, indexes and policies are operations of their own. */
import { columnsOfTable, getObject, objectsOfKind, type SchemaGraph } from "../model/graph.ts";
import { isNameHeldElsewhere } from "../model/held-names.ts";
import { partOf } from "../model/inheritance.ts";
import { columnId, makeId, type ObjectId, objectId, tableId } from "../model/kinds.ts";
import type { Check, Column, PrimaryKey, Table, Unique } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { asInput } from "../sql/expression.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { type Statement, statement, together } from "../sql/statement.ts";
import { createTableExamples } from "./create-table-examples.ts";
import { type CreateTable, createTablePayload } from "./create-table-payload.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, withMembers } from "./place.ts";
import { columnDefinition } from "./sql/column.ts";
import { commentStatements } from "./sql/comment.ts";
import { constraintBody, constraintClause } from "./sql/constraint.ts";
import { columnStorageStatements, tableOptionList } from "./sql/storage.ts";

type Inline = PrimaryKey | Unique | Check;

const inlineKinds = new Set(["primaryKey", "unique", "check"]);

export const createTable = defineOperation<"createTable", CreateTable>({
  kind: "createTable",
  family: "create",
  product: true,
  summary: "make a table with its columns, keys and checks",
  base: "safe",
  reasons: [],
  payload: createTablePayload,
  shares: true,
  on: ["create table"],
  claims: (change, context) => {
    if (change.type !== "create" || change.after.kind !== "table") return undefined;
    const { partitionOf: _, ...table } = { partitionOf: undefined, ...change.after };
    const columns = columnsOfTable(context.after, table.schema, table.name);
    const parent = getObject(context.after, "table", change.id)?.partitionOf;
    const named = columns.some(({ notNullName }) => notNullName !== undefined);
    const constraints = context
      .childrenAfter(change.id)
      .filter((object): object is Inline => inlineKinds.has(object.kind) && !isNotValidCheck(object))
      // The name of a key may be that of a table that goes, and be free only after what used that table uses this one.
      .filter((object) => object.kind === "check" || !isNameHeldElsewhere(context.before, object))
      .map((object) => withoutParent(object));
    return {
      table,
      columns,
      ...(constraints.length > 0 ? { constraints } : {}),
      ...(parent && named ? { joins: { schema: parent.schema, table: parent.table } } : {}),
      ...unlikeParents(table, columns, context.after),
    };
  },
  absorbs: (op, change) =>
    change.type === "create" &&
    "table" in change.after &&
    change.after.table === op.table.name &&
    change.after.schema === op.table.schema &&
    (change.after.kind === "column" ||
      op.constraints?.some((constraint) => objectId(constraint) === change.id) ||
      isPassedOn(change.after)),
  // What it inherits has to be there in its parents.
  follows: (op) => [
    ...(op.table.inherits ?? []).flatMap((parent) =>
      [...op.columns, ...(op.constraints ?? []).filter(isPassedOn)]
        .filter((part) => !isDeclared(part))
        .map(({ kind, name }) => makeId(kind, parent.schema, parent.table, name)),
    ),
    ...(op.joins === undefined ? [] : namedIn(op.joins, op.columns)),
  ],
  describe: (op) => inWords(op.table.schema, op.table.name),
  emit: (op) => {
    const name = qualified(op.table.schema, op.table.name);
    const declared = (op.constraints ?? []).filter(isDeclared);
    const repeated = repeatedKeys(declared);
    const parts = [
      ...op.columns.filter(isDeclared).map(columnDefinition),
      ...declared.filter((constraint) => !repeated.includes(constraint)).map(constraintClause),
    ];
    const body = parts.length > 0 ? `(\n  ${parts.join(",\n  ")}\n)` : "()";
    const parents = (op.table.inherits ?? []).map((parent) => qualified(parent.schema, parent.table));
    const inherits = parents.length > 0 ? ` inherits (${parents.join(", ")})` : "";
    const partitions = op.table.partitionBy === undefined ? "" : ` partition by ${op.table.partitionBy}`;
    const options = tableOptionList(op.table);
    const tail = `${inherits}${partitions}${options.length > 0 ? ` with (${options.join(", ")})` : ""}`;
    const place = op.table.tablespace === undefined ? "" : ` tablespace ${quoteIdent(op.table.tablespace)}`;
    const create = `create ${op.table.unlogged ? "unlogged " : ""}table ${name} ${body}${tail}${place}`;
    return [
      together(
        statement(create, parents.length > 0 ? "share update exclusive" : "none", parents),
        ...op.columns.flatMap((column) => inheritedStatements(op, column)),
        ...repeated.map((key) =>
          statement(`alter table ${name} add ${constraintClause(key)}`, "access exclusive", [name]),
        ),
        ...columnStorageStatements(op.columns),
        ...[op.table, ...op.columns, ...(op.constraints ?? [])].flatMap(commentStatements),
      ),
    ];
  },
  invert: (op) => ({
    reversible: true,
    operations: [operation("dropTable", { schema: op.table.schema, name: op.table.name })],
    loses: "the rows it holds by then",
  }),
  predict: (op, graph) => [
    { put: op.table },
    ...op.columns.map((column, index) => ({ put: { ...column, position: index + 1 } })),
    ...checksFromParents(op, graph).map((check) => ({ put: check })),
    ...(op.constraints ?? []).map((constraint) => ({ put: constraint })),
  ],
  risks: () => [finding("safe", undefined, "nothing uses a table that does not exist yet")],
  examples: createTableExamples,
});

/** What comes from a parent is not written down again: it would count as declared here as well. */
function isDeclared(part: Column | Inline): boolean {
  return !("inherited" in part) || part.inherited !== true;
}

/** Keys that say the same as one before them: CREATE TABLE leaves those out in silence (14 to 18), ALTER TABLE does not. */
function repeatedKeys(constraints: readonly Inline[]): Inline[] {
  const said = new Set<string>();
  return constraints.filter((constraint) => {
    if (constraint.kind === "check") return false;
    const body = constraintBody(constraint).replace(/^(primary key|unique) /, "");
    if (said.has(body)) return true;
    said.add(body);
    return false;
  });
}

/** What CREATE TABLE … INHERITS takes from the parents, put right where the columns of this table are not like theirs. */
function inheritedStatements({ withoutDefault = [], stricter = [] }: CreateTable, column: Column): Statement[] {
  const name = qualified(column.schema, column.table);
  const change = (sql: string) => statement(`alter table ${name} ${sql}`, "access exclusive", [name]);
  const quoted = quoteIdent(column.name);
  const statements: Statement[] = [];
  if (column.inherited && column.default !== undefined)
    statements.push(change(`alter column ${quoted} set default ${asInput(column.default)}`));
  if (withoutDefault.includes(column.name)) statements.push(change(`alter column ${quoted} drop default`));
  if (stricter.includes(column.name)) {
    const named = column.notNullName && `add constraint ${quoteIdent(column.notNullName)} not null ${quoted}`;
    statements.push(change(named ?? `alter column ${quoted} set not null`));
  }
  return statements;
}

/** Which columns of a table that inherits do not take over what the columns of its parents have. */
function unlikeParents(table: Table, columns: readonly Column[], graph: SchemaGraph) {
  const above = ({ name }: Column) =>
    (table.inherits ?? []).flatMap((parent) => {
      const column = graph.objects.get(columnId(parent.schema, parent.table, name));
      return column?.kind === "column" ? [column] : [];
    });
  const withoutDefault = columns.filter(
    (column) => column.default === undefined && above(column).some((parent) => parent.default !== undefined),
  );
  const stricter = columns.filter(
    (column) => column.inherited && column.notNull && !above(column).some((parent) => parent.notNull),
  );
  return {
    ...(withoutDefault.length > 0 ? { withoutDefault: withoutDefault.map(({ name }) => name) } : {}),
    ...(stricter.length > 0 ? { stricter: stricter.map(({ name }) => name) } : {}),
  };
}

/** A key as it is before it is attached to its parent's. */
function withoutParent(part: Inline): Inline {
  return part.kind === "check" ? part : withMembers(part, { attachedTo: undefined });
}

function isNotValidCheck(object: { readonly kind: string }): boolean {
  return object.kind === "check" && (object as Check).notValid === true;
}

/** The columns of another table that its columns' NOT NULL constraints are named after, as far as it has columns of those names. */
function namedIn({ schema, table }: NonNullable<CreateTable["joins"]>, columns: readonly Column[]): ObjectId[] {
  const named = columns.filter(({ notNullName }) => notNullName !== undefined);
  return [tableId(schema, table), ...named.map(({ name }) => columnId(schema, table, name))];
}

/** Whether it comes from a parent, which has it made once the table is there. */
function isPassedOn(object: { readonly kind: string }): boolean {
  return object.kind === "check" && (object as Check).inherited === true;
}

/** The checks that its parents have by then: valid in a table without rows, even where they are not yet in the parent. */
function checksFromParents(op: CreateTable, graph: SchemaGraph): Check[] {
  return (op.table.inherits ?? []).flatMap((parent) =>
    objectsOfKind(graph, "check")
      .filter(({ schema, table, noInherit }) => schema === parent.schema && table === parent.table && !noInherit)
      .map((check) => withMembers(partOf(op.table, check) as Check, { notValid: undefined })),
  );
}
