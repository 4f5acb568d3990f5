/** The payload of createTable. */
import * as v from "valibot";
import { checkSchema, columnSchema, primaryKeySchema, tableSchema, uniqueSchema } from "../model/object.ts";
import { onTablePlace } from "./part.ts";

export const createTablePayload = v.strictObject({
  table: tableSchema,
  columns: v.array(columnSchema),
  constraints: v.optional(v.array(v.variant("kind", [primaryKeySchema, uniqueSchema, checkSchema]))),
  /** the table it becomes a partition of, where its NOT NULL constraints are named like those made there: made there first */
  joins: v.optional(v.strictObject(onTablePlace)),
  /** columns of a table that inherits which do without the default that their parent's has */
  withoutDefault: v.optional(v.array(v.string())),
  /** inherited columns that forbid nulls where their parent's allows them */
  stricter: v.optional(v.array(v.string())),
});

export type CreateTable = v.InferOutput<typeof createTablePayload>;
