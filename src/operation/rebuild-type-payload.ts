/** The payload of rebuildType. */
import * as v from "valibot";
import {
  collationSchema,
  compositeTypeSchema,
  domainCheckSchema,
  domainSchema,
  foreignKeySchema,
  rangeTypeSchema,
} from "../model/object.ts";
import { restoredGrants } from "./restored-grants.ts";
import { convertedColumn } from "./sql/converted-columns.ts";

const madeType = v.variant("kind", [domainSchema, compositeTypeSchema, rangeTypeSchema, collationSchema]);

export const rebuildTypePayload = v.strictObject({
  /** as it will be */
  type: madeType,
  /** as it is */
  replaces: madeType,
  /** the checks of a domain that it has from the start */
  checks: v.optional(v.array(domainCheckSchema)),
  /** every column that uses it; without `default` a column has none afterwards */
  columns: v.array(convertedColumn),
  /** foreign keys between such columns: one side may be of the new form while the other is not yet */
  foreignKeys: v.optional(v.array(foreignKeySchema)),
  ...restoredGrants,
});

export type RebuildType = v.InferOutput<typeof rebuildTypePayload>;
