/** A model: one table with its fields, relations, indexes, constraints and policies. Checks what needs no other model. */
import { maxIdentifierBytes } from "../../sql/identifier.ts";
import { brand, brandOf, modelError } from "./brand.ts";
import { type Field, isField } from "./field.ts";
import { snakeCase } from "./names.ts";
import type { IndexBuilder, ModelConstraint, Policy } from "./parts.ts";
import type { Relation } from "./relation.ts";

export type Fields = Readonly<Record<string, Field>>;

/** The keys of a model's fields. */
export type FieldKey<F> = keyof F & string;

export interface ModelDefinition<F extends Fields> {
  /** the schema the table is in; `public` without it */
  readonly schema?: string;
  readonly fields: F;
  readonly relations?: Readonly<Record<string, Relation<FieldKey<F>>>>;
  readonly indexes?: readonly IndexBuilder<FieldKey<F>>[];
  readonly constraints?: readonly ModelConstraint<FieldKey<F>>[];
  /** row level security: on, or on for the table's owner as well */
  readonly rls?: boolean | "forced";
  readonly policies?: readonly Policy[];
  readonly unlogged?: boolean;
  readonly comment?: string;
  /** the name of the table before it was renamed; may stay once that is done */
  readonly renamedFrom?: string;
}

/** A model; `F` holds its fields, so that other parts of the schema can name them. */
export interface Model<F extends Fields = Fields> {
  readonly [brand]: "model";
  readonly table: string;
  readonly schema: string;
  readonly fields: F;
  /** the column of each field, by the field's key, in the order of the fields */
  readonly columns: ReadonlyMap<string, string>;
  readonly definition: ModelDefinition<Fields>;
}

/**
 * A model: `defineModel("users", { fields: { id: bigint().identity().primaryKey(), email: text().notNull() } })`.
 * The table is named as given; columns take the snake case of their keys.
 * @throws ToolError schema_module_failed with the model and the field
 */
export function defineModel<const F extends Fields>(table: string, definition: ModelDefinition<F>): Model<F> {
  const schema = definition.schema ?? "public";
  const subject = schema === "public" ? table : `${schema}.${table}`;
  checkName(table, `the table of model ${subject}`);
  checkName(schema, `the schema of model ${subject}`);
  const columns = new Map<string, string>();
  const keyByColumn = new Map<string, string>();
  for (const [key, field] of Object.entries(definition.fields)) {
    const place = `${subject}.${key}`;
    if (!isField(field)) throw modelError(place, "it is not a field: write text(), integer() and the like");
    const column = field.state.column ?? snakeCase(key);
    checkName(column, place);
    const other = keyByColumn.get(column);
    if (other !== undefined) throw modelError(place, `its column ${column} is the column of ${other} as well`);
    keyByColumn.set(column, key);
    columns.set(key, column);
  }
  // The keys were checked against F by the compiler; from here on they are plain text.
  const plain = definition as unknown as ModelDefinition<Fields>;
  return { [brand]: "model", table, schema, fields: definition.fields, columns, definition: plain };
}

/** Whether a value was made by `defineModel`. */
export function isModel(value: unknown): value is Model {
  return brandOf(value) === "model";
}

/** The model in words: `users`, or with a schema that is not public `app.users`. */
export function modelName(model: Model): string {
  return model.schema === "public" ? model.table : `${model.schema}.${model.table}`;
}

/** Postgres would cut a longer name without a word. */
function checkName(name: string, subject: string): void {
  if (
    typeof name === "string" &&
    name !== "" &&
    Buffer.byteLength(name) <= maxIdentifierBytes &&
    !name.includes("\0")
  ) {
    return;
  }
  throw modelError(subject, `a name has 1 to ${maxIdentifierBytes} bytes`, "choose another name");
}
