/** What leads from the columns and checks of a foreign table to others, in place. */
import { sameValue } from "../../base/ordered.ts";
import type { ForeignCheck, ForeignColumn } from "../../model/object.ts";
import { asInput } from "../../sql/expression.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import type { Statement } from "../../sql/statement.ts";
import {
  addForeignCheck,
  addForeignColumn,
  alterForeign,
  foreignCheckComment,
  foreignColumnComment,
  optionsChange,
} from "./foreign.ts";

interface TablePlace {
  readonly schema: string;
  readonly name: string;
}

export interface ForeignShape {
  readonly columns: readonly ForeignColumn[];
  readonly checks?: readonly ForeignCheck[] | undefined;
}

/** Checks that go come first and those that come last: columns change in between without being in their way. */
export function foreignShapeStatements(table: TablePlace, from: ForeignShape, to: ForeignShape): Statement[] {
  const [oldChecks, newChecks] = [from.checks ?? [], to.checks ?? []];
  const alike = (check: ForeignCheck, others: readonly ForeignCheck[]): boolean =>
    others.some((other) => sameValue(withoutComment(check), withoutComment(other)));
  const old = new Map(from.columns.map((column) => [column.name, column]));
  const now = new Map(to.columns.map((column) => [column.name, column]));
  return [
    ...oldChecks
      .filter((check) => !alike(check, newChecks))
      .map(({ name }) => alterForeign(table, `drop constraint ${quoteIdent(name)}`)),
    ...from.columns
      .filter(({ name }) => !now.has(name))
      .map(({ name }) => alterForeign(table, `drop column ${quoteIdent(name)}`)),
    ...to.columns.flatMap((column) => {
      const before = old.get(column.name);
      return before === undefined ? [] : columnStatements(table, before, column);
    }),
    ...to.columns.filter(({ name }) => !old.has(name)).map((column) => addForeignColumn(table, column)),
    ...newChecks.filter((check) => !alike(check, oldChecks)).map((check) => addForeignCheck(table, check)),
    ...to.columns.flatMap(({ name, comment }) =>
      old.get(name)?.comment === comment ? [] : [foreignColumnComment(table, name, comment)],
    ),
    ...newChecks.flatMap((check) => {
      const before = alike(check, oldChecks) ? oldChecks.find(({ name }) => name === check.name) : undefined;
      return before?.comment === check.comment ? [] : [foreignCheckComment(table, check.name, check.comment)];
    }),
  ];
}

function withoutComment({ comment: _, ...check }: ForeignCheck): Omit<ForeignCheck, "comment"> {
  return check;
}

/** A default stays out of the way of another type: it would have to be castable. */
function columnStatements(table: TablePlace, from: ForeignColumn, to: ForeignColumn): Statement[] {
  const alter = (action: string): Statement => alterForeign(table, `alter column ${quoteIdent(to.name)} ${action}`);
  const retyped = from.type !== to.type || from.collation !== to.collation;
  const newDefault = retyped || from.default !== to.default;
  const statements: Statement[] = [];
  if (newDefault && from.default !== undefined) statements.push(alter("drop default"));
  if (retyped) {
    statements.push(alter(`type ${to.type}${to.collation === undefined ? "" : ` collate ${to.collation}`}`));
  }
  if (newDefault && to.default !== undefined) statements.push(alter(`set default ${asInput(to.default)}`));
  if (from.notNull !== to.notNull) statements.push(alter(to.notNull ? "set not null" : "drop not null"));
  const options = optionsChange(from.options, to.options);
  if (options !== undefined) statements.push(alter(options));
  return statements;
}
