/** Primary keys, unique constraints and checks of a model as objects of the graph. */
import type { PrimaryKey, Unique } from "../../model/object.ts";
import { brand, modelError } from "./brand.ts";
import { sqlText } from "./column-object.ts";
import { commented, type GraphDraft } from "./draft.ts";
import { type Model, modelName } from "./model.ts";
import type { KeyConstraint, ModelConstraint } from "./parts.ts";

/** Adds what the fields and the list of constraints say, but for foreign keys. */
export function addConstraints(model: Model, draft: GraphDraft): void {
  const { schema, table } = model;
  const constraints = model.definition.constraints ?? [];
  addPrimaryKey(model, constraints, draft);
  for (const [key, { state }] of Object.entries(model.fields)) {
    if (state.unique) addUnique(model, [key], state.unique, draft);
    for (const check of state.checks) {
      const subject = `${modelName(model)}.${key}`;
      const name = check.name ?? draft.constraintName(model, [model.columns.get(key) ?? key], "check");
      const expression = `(${sqlText(check.expression, subject)})`;
      draft.add({ kind: "check", schema, table, name, expression }, subject);
    }
  }
  for (const constraint of constraints) {
    if (constraint[brand] === "unique") addUnique(model, constraint.fields, constraint.options, draft);
    if (constraint[brand] !== "check") continue;
    const { name, options } = constraint;
    const subject = `check ${name} of ${modelName(model)}`;
    const expression = `(${sqlText(constraint.expression, subject)})`;
    const noInherit = options.noInherit ? ({ noInherit: true } as const) : {};
    draft.add({ kind: "check", schema, table, name, expression, ...noInherit, ...commented(options.comment) }, subject);
  }
}

/** The columns of some fields. @throws ToolError schema_module_failed for a key that is no field */
export function columnsOfKeys(model: Model, keys: readonly string[], subject: string): string[] {
  if (keys.length === 0) throw modelError(subject, "it names no field");
  return keys.map((key) => {
    const column = model.columns.get(key);
    if (column !== undefined) return column;
    const known = [...model.columns.keys()].join(", ");
    throw modelError(subject, `${modelName(model)} has no field ${JSON.stringify(key)}; its fields are ${known}`);
  });
}

/** The fields of a model's primary key, however it was declared; empty without one. */
export function primaryKeyOf(model: Model): readonly string[] {
  const declared = (model.definition.constraints ?? []).find((constraint) => constraint[brand] === "primaryKey");
  if (declared && "fields" in declared) return declared.fields;
  return Object.keys(model.fields).filter((key) => model.fields[key]?.state.primaryKey);
}

/** `deferrable` members as the graph keeps them: absent rather than false. */
export function deferral(options: { readonly deferrable?: boolean; readonly initiallyDeferred?: boolean }): {
  deferrable?: true;
  initiallyDeferred?: true;
} {
  if (!options.deferrable && !options.initiallyDeferred) return {};
  return options.initiallyDeferred ? { deferrable: true, initiallyDeferred: true } : { deferrable: true };
}

function addPrimaryKey(model: Model, constraints: readonly ModelConstraint[], draft: GraphDraft): void {
  const subject = `the primary key of ${modelName(model)}`;
  const marked = Object.keys(model.fields).filter((key) => model.fields[key]?.state.primaryKey);
  const declared = constraints.filter((constraint): constraint is KeyConstraint => constraint[brand] === "primaryKey");
  const hint = `write primaryKey([${marked.map((key) => JSON.stringify(key)).join(", ")}]) among its constraints`;
  if (marked.length > 1) throw modelError(subject, `${marked.join(" and ")} are each marked as the primary key`, hint);
  if (declared.length + marked.length > 1)
    throw modelError(subject, "it is declared more than once", "keep one of them");
  const keys = declared[0]?.fields ?? marked;
  if (keys.length === 0) return;
  const options = declared[0]?.options ?? {};
  const columns = columnsOfKeys(model, keys, subject);
  const object: PrimaryKey = {
    kind: "primaryKey",
    schema: model.schema,
    table: model.table,
    name: options.name ?? draft.indexName(model, [], "pkey"),
    columns,
    ...(options.include ? { include: columnsOfKeys(model, options.include, subject) } : {}),
    ...deferral(options),
    ...commented(options.comment),
  };
  draft.add(object, subject);
}

function addUnique(model: Model, keys: readonly string[], options: KeyConstraint["options"], draft: GraphDraft): void {
  const subject = `unique (${keys.join(", ")}) of ${modelName(model)}`;
  const columns = columnsOfKeys(model, keys, subject);
  const object: Unique = {
    kind: "unique",
    schema: model.schema,
    table: model.table,
    name: options.name ?? draft.indexName(model, columns, "key"),
    columns,
    ...(options.include ? { include: columnsOfKeys(model, options.include, subject) } : {}),
    ...(options.nullsNotDistinct ? { nullsNotDistinct: true } : {}),
    ...deferral(options),
    ...commented(options.comment),
  };
  draft.add(object, subject);
}
