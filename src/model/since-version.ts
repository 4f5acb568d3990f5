/**
 * From which major version of Postgres on an object can be as it is: attributes that older servers lack. Says nothing of
 * what the server decides itself, such as the names of NOT NULL constraints.
 */
import type { ObjectKind, ObjectOf, SchemaObject } from "./object.ts";
import { tokensOf } from "./rename-text.ts";

/** An attribute in the words of SQL and the major version that brought it. */
export interface YoungAttribute {
  readonly words: string;
  readonly since: number;
}

type Attributes<T> = readonly (readonly [since: number, words: string, has: (object: T) => boolean])[];
type Table = { readonly [K in ObjectKind]?: Attributes<ObjectOf<K>> };

const virtualColumn = "a virtual generated column";
const distinct = "NULLS NOT DISTINCT";

const table: Table = {
  column: [[18, virtualColumn, ({ generated }) => generated?.storage === "virtual"]],
  foreignTable: [[18, virtualColumn, ({ columns }) => columns.some((c) => c.generated?.storage === "virtual")]],
  primaryKey: [[18, "WITHOUT OVERLAPS", ({ withoutOverlaps }) => withoutOverlaps === true]],
  unique: [
    [18, "WITHOUT OVERLAPS", ({ withoutOverlaps }) => withoutOverlaps === true],
    [15, distinct, ({ nullsNotDistinct }) => nullsNotDistinct === true],
  ],
  index: [[15, distinct, ({ definition }) => tokensOf(definition).join("\0").includes("NULLS\0 \0NOT\0 \0DISTINCT")]],
  foreignKey: [
    [18, "PERIOD", ({ period }) => period === true],
    [18, "NOT ENFORCED", ({ notEnforced }) => notEnforced === true],
    [15, "a list of columns after ON DELETE SET", ({ onDeleteColumns }) => onDeleteColumns !== undefined],
  ],
  check: [[18, "NOT ENFORCED", ({ notEnforced }) => notEnforced === true]],
  view: [[15, "security_invoker", ({ options }) => options?.some((o) => o.startsWith("security_invoker=")) === true]],
  collation: [
    [17, "the provider builtin", ({ provider }) => provider === "builtin"],
    [16, "RULES", ({ rules }) => rules !== undefined],
  ],
  publication: [
    [18, "publish_generated_columns", ({ generatedColumns }) => generatedColumns !== undefined],
    [15, "TABLES IN SCHEMA", ({ schemas }) => schemas !== undefined],
    [15, "a list of columns", ({ tables }) => tables?.some(({ columns }) => columns !== undefined) === true],
    [15, "WHERE", ({ tables }) => tables?.some(({ where }) => where !== undefined) === true],
  ],
};

/** The youngest attribute of an object that a server of this server_version_num lacks; undefined when it has all. */
export function missingAttribute(object: SchemaObject, versionNum: number): YoungAttribute | undefined {
  // the table gives each kind the functions for its own objects
  const attributes = table[object.kind] as Attributes<SchemaObject> | undefined;
  const found = attributes?.find(([since, , has]) => versionNum < since * 10_000 && has(object));
  return found && { since: found[0], words: found[1] };
}
