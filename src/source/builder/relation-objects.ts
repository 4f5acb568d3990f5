/** Foreign keys of a model, from its relations and constraints, and the check that the other sides of relations exist. */
import { sameValue } from "../../base/ordered.ts";
import type { ForeignKey } from "../../model/object.ts";
import { brand, modelError } from "./brand.ts";
import { columnsOfKeys, deferral, primaryKeyOf } from "./constraint-objects.ts";
import { commented, type Declarations, type GraphDraft } from "./draft.ts";
import { isModel, type Model, modelName } from "./model.ts";
import type { BelongsTo, ForeignKeyOptions, HasRelation, ModelReference, Relation } from "./relation.ts";

/** Adds a foreign key for every `belongsTo` and every `foreignKey` constraint. */
export function addForeignKeys(model: Model, declared: Declarations, draft: GraphDraft): void {
  for (const [name, relation] of relationsOf(model)) {
    if (!isBelongsTo(relation)) continue;
    const subject = `${modelName(model)}.${name}`;
    const { references, ...options } = relation.options;
    const referenced = typeof references === "string" ? [references] : references;
    const target = resolve(relation.target, declared, subject);
    addForeignKey(model, fieldsOf(model, name, relation), target, referenced, options, subject, draft);
  }
  for (const constraint of model.definition.constraints ?? []) {
    if (constraint[brand] !== "foreignKey") continue;
    const subject = `foreign key (${constraint.fields.join(", ")}) of ${modelName(model)}`;
    const target = resolve(constraint.target, declared, subject);
    addForeignKey(model, constraint.fields, target, constraint.references, constraint.options, subject, draft);
  }
}

/** Checks that each `hasMany` and `hasOne` has its `belongsTo` on the other side, and that of `hasOne` is unique. */
export function checkInverseRelations(model: Model, declared: Declarations): void {
  for (const [name, relation] of relationsOf(model)) {
    if (isBelongsTo(relation)) continue;
    const subject = `${modelName(model)}.${name}`;
    const other = resolve(relation.target, declared, subject);
    const [found, relationName] = inverseOf(model, relation, other, declared, subject);
    if (relation[brand] !== "hasOne") continue;
    const fields = fieldsOf(other, relationName, found);
    if (isUnique(other, fields)) continue;
    const why = `it says one, and nothing makes ${fields.map((field) => `${modelName(other)}.${field}`).join(", ")} unique`;
    throw modelError(subject, why, "add .unique() to the field, or say hasMany");
  }
}

function relationsOf(model: Model): readonly (readonly [string, Relation])[] {
  return Object.entries(model.definition.relations ?? {});
}

function isBelongsTo(relation: Relation): relation is BelongsTo {
  return relation[brand] === "belongsTo";
}

/** The referring fields of a relation: those it names, else `<relation>Id`. */
function fieldsOf(model: Model, name: string, { options }: BelongsTo): readonly string[] {
  const { field, fields } = options;
  const subject = `${modelName(model)}.${name}`;
  if (field !== undefined && fields !== undefined)
    throw modelError(subject, "it names both field and fields", "name one");
  if (fields !== undefined) return fields;
  if (field !== undefined) return [field];
  if (model.columns.has(`${name}Id`)) return [`${name}Id`];
  throw modelError(subject, `it names no field, and there is no field ${name}Id`, 'write { field: "…" }');
}

function resolve(reference: ModelReference, declared: Declarations, subject: string): Model {
  // The type says void, see belongsTo.
  const target: unknown = typeof reference === "function" ? (reference as () => unknown)() : reference;
  if (!isModel(target)) {
    const why = `it leads to ${target === undefined ? "nothing" : `a ${typeof target}`} instead of a model`;
    throw modelError(subject, why, "write () => Model, with a model that defineModel gave");
  }
  if (declared.models.includes(target)) return target;
  throw modelError(subject, `it leads to ${modelName(target)}, which the module does not export`, "export that model");
}

function addForeignKey(
  model: Model,
  fields: readonly string[],
  target: Model,
  references: readonly string[] | undefined,
  options: ForeignKeyOptions,
  subject: string,
  draft: GraphDraft,
): void {
  const columns = columnsOfKeys(model, fields, subject);
  const referenced = references ?? primaryKeyOf(target);
  if (referenced.length === 0) {
    const why = `${modelName(target)} has no primary key to refer to`;
    throw modelError(subject, why, `name the fields of ${modelName(target)} with references`);
  }
  if (referenced.length !== columns.length) {
    const why = `it names ${columns.length} of its own fields for ${referenced.length} of ${modelName(target)}`;
    throw modelError(subject, why, "name as many fields as it refers to");
  }
  const action = (value: ForeignKeyOptions["onDelete"]) => (value === "no action" ? undefined : value);
  const onDelete = action(options.onDelete);
  const onUpdate = action(options.onUpdate);
  const object: ForeignKey = {
    kind: "foreignKey",
    schema: model.schema,
    table: model.table,
    name: options.name ?? draft.constraintName(model, columns, "fkey"),
    columns,
    references: { schema: target.schema, table: target.table, columns: columnsOfKeys(target, referenced, subject) },
    ...(options.match === "full" ? { match: "full" } : {}),
    ...(onDelete === undefined ? {} : { onDelete }),
    ...(onUpdate === undefined ? {} : { onUpdate }),
    ...deferral(options),
    ...commented(options.comment),
  };
  draft.add(object, subject);
}

function inverseOf(
  model: Model,
  relation: HasRelation,
  other: Model,
  declared: Declarations,
  subject: string,
): readonly [BelongsTo, string] {
  const candidates = relationsOf(other).filter(
    (entry): entry is [string, BelongsTo] =>
      isBelongsTo(entry[1]) && resolve(entry[1].target, declared, `${modelName(other)}.${entry[0]}`) === model,
  );
  const { inverse } = relation;
  const named = inverse === undefined ? candidates : candidates.filter(([name]) => name === inverse);
  const [first] = named;
  if (first && named.length === 1) return [first[1], first[0]];
  if (first) {
    const names = named.map(([name]) => name).join(", ");
    throw modelError(
      subject,
      `${modelName(other)} belongs to ${modelName(model)} more than once: ${names}`,
      'say which: { inverse: "…" }',
    );
  }
  const wanted = inverse === undefined ? "no belongsTo" : `no belongsTo named ${inverse}`;
  const next = `add a belongsTo to the relations of ${modelName(other)}`;
  throw modelError(subject, `${modelName(other)} has ${wanted} that leads to ${modelName(model)}`, next);
}

function isUnique(model: Model, fields: readonly string[]): boolean {
  const wanted = [...fields].sort();
  const matches = (keys: readonly unknown[]) => sameValue([...keys].sort(), wanted);
  if (matches(primaryKeyOf(model))) return true;
  if (fields.length === 1 && model.fields[fields[0] ?? ""]?.state.unique) return true;
  const { constraints = [], indexes = [] } = model.definition;
  return (
    constraints.some((constraint) => constraint[brand] === "unique" && matches(constraint.fields)) ||
    indexes.some(({ state }) => state.unique && !state.where && matches(state.keys))
  );
}
