/**
 * The graph of a schema module while it is being made: refuses a second object of the same name and chooses the names that
 * the author left out. Knows nothing of how models become objects.
 */
import { makeGraph, type SchemaGraph } from "../../model/graph.ts";
import { type ObjectId, objectId } from "../../model/kinds.ts";
import type { SchemaObject } from "../../model/object.ts";
import { modelError } from "./brand.ts";
import type { Enum, Extension } from "./enum.ts";
import type { Model } from "./model.ts";
import { chooseName } from "./names.ts";
import type { SqlBlock } from "./sql-block.ts";

/** What a module declares, in the order of its exports. */
export interface Declarations {
  readonly models: readonly Model[];
  readonly enums: readonly Enum[];
  readonly extensions: readonly Extension[];
  /** statements beside them, with the names they were exported under */
  readonly blocks: readonly NamedBlock[];
}

/** Statements of a module and where it exports them: `triggers`, `parts.0`. */
export interface NamedBlock {
  readonly name: string;
  readonly block: SqlBlock;
}

/** The graph being made. Names that Postgres would choose are chosen here, by its rules. */
export interface GraphDraft {
  /** Adds an object; `subject` names it in the error when its name is taken. */
  add(object: SchemaObject, subject: string): void;
  /** The name of an index, or of a constraint that is one: distinct among the relations of a schema. */
  indexName(model: Model, columns: readonly string[], label: "pkey" | "key" | "idx"): string;
  /** The name of a check or a foreign key: distinct among the constraints of a schema. */
  constraintName(model: Model, columns: readonly string[], label: "check" | "fkey"): string;
}

/** A comment as a member of a graph object: absent rather than empty. */
export function commented(comment: string | undefined): { comment?: string } {
  return comment === undefined || comment === "" ? {} : { comment };
}

/** A draft with the schemas that the declarations name, and `public`. */
export function makeDraft(declared: Declarations): GraphDraft & { graph(): SchemaGraph } {
  const objects = new Map<ObjectId, { readonly object: SchemaObject; readonly subject: string }>();
  const schemas = new Set(["public"]);
  for (const { schema } of [...declared.models, ...declared.enums, ...declared.extensions]) schemas.add(schema);
  for (const name of schemas) {
    const object: SchemaObject = { kind: "schema", name };
    objects.set(objectId(object), { object, subject: `schema ${name}` });
  }
  const relations = takenNames();
  const constraints = takenNames();
  for (const { schema, table } of declared.models) relations.of(schema).add(table);
  return {
    add(object, subject) {
      const id = objectId(object);
      const other = objects.get(id);
      if (other)
        throw modelError(subject, `${id} is declared by ${other.subject} as well`, "give one of them another name");
      objects.set(id, { object, subject });
      if (object.kind === "index" || object.kind === "primaryKey" || object.kind === "unique") {
        relations.of(object.schema).add(object.name);
      }
      if (object.kind !== "index" && "table" in object && "name" in object) {
        constraints.of(object.schema).add(object.name);
      }
    },
    indexName({ schema, table }, columns, label) {
      const has = (name: string) =>
        relations.of(schema).has(name) || (label !== "idx" && constraints.of(schema).has(name));
      return chooseName(table, columns, label, { has });
    },
    constraintName: ({ schema, table }, columns, label) => chooseName(table, columns, label, constraints.of(schema)),
    graph: () => makeGraph([...objects.values()].map(({ object }) => object)),
  };
}

function takenNames(): { of(schema: string): Set<string> } {
  const bySchema = new Map<string, Set<string>>();
  return {
    of(schema) {
      const names = bySchema.get(schema) ?? new Set();
      bySchema.set(schema, names);
      return names;
    },
  };
}
