/**
 * A schema module as a SchemaGraph, in the author's own words: Postgres has yet to normalise its expressions. Collects
 * what the module exports and gives every object its name; keys and relations are in files of their own.
 */
import type { SaidRename } from "../../diff/said-renames.ts";
import type { SchemaGraph } from "../../model/graph.ts";
import { modelError } from "./brand.ts";
import { columnObject } from "./column-object.ts";
import { addConstraints } from "./constraint-objects.ts";
import { commented, type Declarations, type GraphDraft, makeDraft, type NamedBlock } from "./draft.ts";
import { type Enum, type Extension, isEnum, isExtension } from "./enum.ts";
import { addIndexes } from "./index-object.ts";
import { isModel, type Model, modelName } from "./model.ts";
import { addPolicies } from "./policy-objects.ts";
import { addForeignKeys, checkInverseRelations } from "./relation-objects.ts";
import { isSqlBlock, type SqlBlock } from "./sql-block.ts";

/** Containers within containers are not looked into any deeper than this. */
const maxDepth = 4;

/**
 * The graph of what a module exports: models, enums and extensions, also within arrays and plain objects. Everything
 * else it exports is ignored.
 * @throws ToolError schema_module_failed naming the model and the field
 */
export function graphOfModule(exports: Readonly<Record<string, unknown>>): SchemaGraph {
  const declared = declarationsOf(exports);
  const draft = makeDraft(declared);
  for (const enumeration of declared.enums) {
    const { schema, name, values, comment } = enumeration;
    draft.add({ kind: "enum", schema, name, values: [...values], ...commented(comment) }, `enum ${name}`);
  }
  for (const { schema, name, comment } of declared.extensions) {
    draft.add({ kind: "extension", schema, name, ...commented(comment) }, `extension ${name}`);
  }
  for (const model of declared.models) addTable(model, declared, draft);
  // In the order in which Postgres would name them: keys and checks with the table, then the rest.
  for (const model of declared.models) addConstraints(model, draft);
  for (const model of declared.models) addForeignKeys(model, declared, draft);
  for (const model of declared.models) addIndexes(model, draft);
  for (const model of declared.models) addPolicies(model, draft);
  for (const model of declared.models) checkInverseRelations(model, declared);
  return draft.graph();
}

/** The renames that a module's models, fields and enums say. */
export function renamesOfModule(exports: Readonly<Record<string, unknown>>): SaidRename[] {
  const declared = declarationsOf(exports);
  const ofEnums = declared.enums.flatMap(({ schema, name, renamedFrom, renamedValues }) => {
    const found: SaidRename[] = renamedFrom === undefined ? [] : [{ of: "type", schema, name, from: renamedFrom }];
    for (const [value, from] of Object.entries(renamedValues)) found.push({ of: "value", schema, name, value, from });
    return found;
  });
  const ofModels = declared.models.flatMap(({ schema, table, definition, fields, columns }) => {
    const { renamedFrom } = definition;
    const found: SaidRename[] = renamedFrom === undefined ? [] : [{ schema, table, from: renamedFrom }];
    for (const [key, { state }] of Object.entries(fields)) {
      const from = state.renamedFrom;
      if (from !== undefined) found.push({ schema, table, column: columns.get(key) ?? key, from });
    }
    return found;
  });
  return [...ofEnums, ...ofModels];
}

/** The blocks of statements that a module exports, in the order of its exports. */
export function blocksOfModule(exports: Readonly<Record<string, unknown>>): readonly NamedBlock[] {
  return declarationsOf(exports).blocks;
}

function declarationsOf(exports: Readonly<Record<string, unknown>>): Declarations {
  const models = new Set<Model>();
  const enums = new Set<Enum>();
  const extensions = new Set<Extension>();
  const blocks = new Map<SqlBlock, string>();
  const visit = (value: unknown, depth: number, name: string): void => {
    if (isModel(value)) models.add(value);
    else if (isEnum(value)) enums.add(value);
    else if (isExtension(value)) extensions.add(value);
    else if (isSqlBlock(value)) {
      if (!blocks.has(value)) blocks.set(value, name);
    } else if (depth < maxDepth && isContainer(value)) {
      for (const [key, item] of Object.entries(value)) visit(item, depth + 1, name === "" ? key : `${name}.${key}`);
    }
  };
  visit({ ...exports }, 0, "");
  if (models.size + enums.size + extensions.size + blocks.size === 0) {
    throw modelError(
      "the schema module",
      "it exports no model, enum, extension or SQL",
      'export what defineModel gives, or name the source "empty"',
    );
  }
  return {
    models: [...models],
    enums: [...enums],
    extensions: [...extensions],
    blocks: [...blocks].map(([block, name]) => ({ name, block })),
  };
}

function isContainer(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function addTable(model: Model, declared: Declarations, draft: GraphDraft): void {
  const { schema, table, definition } = model;
  const subject = modelName(model);
  const unlogged = definition.unlogged ? ({ unlogged: true } as const) : {};
  draft.add({ kind: "table", schema, name: table, ...unlogged, ...commented(definition.comment) }, `model ${subject}`);
  let position = 0;
  for (const [key, field] of Object.entries(model.fields)) {
    position += 1;
    const place = { schema, table, column: model.columns.get(key) ?? key, position, subject: `${subject}.${key}` };
    const { enumeration } = field.state;
    if (enumeration && !declared.enums.includes(enumeration)) {
      throw modelError(place.subject, `its enum ${enumeration.name} is not exported by the module`, "export the enum");
    }
    draft.add(columnObject(field.state, place), place.subject);
  }
}
