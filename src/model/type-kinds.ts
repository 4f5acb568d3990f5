/** The rules of types other than enums, and of collations: part of the table in kinds.ts. */
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { idPath } from "./ids.ts";
import type { ObjectKind, ObjectOf, SchemaObject } from "./object.ts";

type Named = { readonly schema: string; readonly name: string };

const path = (o: Named): string[] => [o.schema, o.name];
const schemaOf = (o: Named): string[] => [`schema:${idPath([o.schema])}`];
const typeName = (o: Named): string => `type:${idPath([o.schema, o.name])}`;
const typeAddress = (o: Named): string => `type ${qualified(o.schema, o.name)}`;

const otherThanComment = (attributes: readonly string[]): boolean => attributes.some((name) => name !== "comment");

/** Kinds of which a new one takes the old one's place while the columns that use it are converted. */
const rebuilt: ReadonlySet<ObjectKind> = new Set(["enum", "domain", "compositeType", "rangeType", "collation"]);

/** Whether objects of a kind are made anew under the columns that use them. */
export function isRebuilt(kind: ObjectKind): boolean {
  return rebuilt.has(kind);
}

/**
 * Whether ALTER TYPE leads from one composite type to another while columns use it: attributes can be added at the end and
 * dropped; their types cannot be changed under a column (14 to 18).
 */
export function attributesAlterable(before: ObjectOf<"compositeType">, after: ObjectOf<"compositeType">): boolean {
  const old = new Map(before.attributes.map((attribute) => [attribute.name, attribute]));
  const now = new Set(after.attributes.map(({ name }) => name));
  const kept = before.attributes.filter(({ name }) => now.has(name));
  return kept.every(({ name }, at) => {
    const next = after.attributes[at];
    const previous = old.get(name);
    return next?.name === name && previous?.type === next.type && previous.collation === next.collation;
  });
}

type Conversion = readonly [before: ObjectOf<"column">, after: ObjectOf<"column">];

/** A plain column whose values are converted in place; with two types that cannot be compared where its expressions end. */
export function convertedColumn(user: SchemaObject, from?: string, to?: string): Conversion | undefined {
  if (user.kind !== "column" || user.generated !== undefined) return undefined;
  return from === undefined || to === undefined
    ? [user, user]
    : [
        { ...user, type: from },
        { ...user, type: to },
      ];
}

/** Its values are read and written in another form from then on: expressions over it may mean nothing any more. */
function columnOfAnotherForm(_before: unknown, _after: unknown, user: SchemaObject): Conversion | undefined {
  return convertedColumn(user, "old form", "new form");
}

export const typeRules = {
  domain: {
    label: "domain",
    address: (o: ObjectOf<"domain">) => `domain ${qualified(o.schema, o.name)}`,
    rank: 2,
    path,
    references: schemaOf,
    occupies: (o: ObjectOf<"domain">) => [typeName(o)],
    disrupts: (_before: unknown, _after: unknown, attributes: readonly string[]) =>
      attributes.includes("type") || attributes.includes("collation"),
    converts: (before: ObjectOf<"domain">, after: ObjectOf<"domain">, user: SchemaObject) =>
      convertedColumn(user, before.type, after.type),
  },
  domainCheck: {
    label: "domain constraint",
    address: (o: ObjectOf<"domainCheck">) =>
      `constraint ${quoteIdent(o.name)} on domain ${qualified(o.schema, o.domain)}`,
    rank: 2,
    path: (o: ObjectOf<"domainCheck">) => [o.schema, o.domain, o.name],
    parent: (o: ObjectOf<"domainCheck">) => `domain:${idPath([o.schema, o.domain])}`,
    binds: (_: unknown, to: ObjectKind) => isRebuilt(to),
  },
  compositeType: {
    label: "composite type",
    address: typeAddress,
    rank: 2,
    path,
    references: schemaOf,
    occupies: (o: ObjectOf<"compositeType">) => [typeName(o), `relation:${idPath(path(o))}`],
    disrupts: (
      before: ObjectOf<"compositeType">,
      after: ObjectOf<"compositeType">,
      attributes: readonly string[],
    ): boolean => attributes.includes("attributes") && !attributesAlterable(before, after),
    converts: columnOfAnotherForm,
  },
  rangeType: {
    label: "range type",
    address: typeAddress,
    rank: 2,
    path,
    references: schemaOf,
    occupies: (o: ObjectOf<"rangeType">) => [typeName(o), typeName({ schema: o.schema, name: o.multirange })],
    disrupts: (_before: unknown, _after: unknown, attributes: readonly string[]) => otherThanComment(attributes),
    converts: columnOfAnotherForm,
  },
  collation: {
    label: "collation",
    address: (o: ObjectOf<"collation">) => `collation ${qualified(o.schema, o.name)}`,
    rank: 2,
    path,
    references: schemaOf,
    occupies: (o: ObjectOf<"collation">) => [`collation:${idPath(path(o))}`],
    disrupts: (_before: unknown, _after: unknown, attributes: readonly string[]) => otherThanComment(attributes),
    converts: (_before: unknown, _after: unknown, user: SchemaObject) => convertedColumn(user),
  },
} as const;
