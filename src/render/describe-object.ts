/** A schema object in a few words: what a reader of a diff wants to see beside its name. Not SQL that could be run. */
import { granteeInWords, type Standings, standingsOf } from "../model/grant.ts";
import { objectName, ruleOf } from "../model/kinds.ts";
import type { ForeignOptions, ObjectKind, ObjectOf, Routine, SchemaObject } from "../model/object.ts";

const list = (names: readonly string[]): string => `(${names.join(", ")})`;

const describers: { readonly [K in ObjectKind]: (object: ObjectOf<K>) => string } = {
  schema: () => "",
  extension: () => "",
  enum: ({ values }) => list(values),
  domain: ({ type, collation, default: fallback, notNull }) =>
    words(
      type,
      collation && `collate ${collation}`,
      fallback !== undefined && `default ${fallback}`,
      notNull && "not null",
    ),
  domainCheck: ({ expression, notValid }) => words(expression, notValid && "not valid"),
  compositeType: ({ attributes }) => list(attributes.map(({ name, type }) => `${name} ${type}`)),
  rangeType: ({ subtype }) => `of ${subtype}`,
  collation: ({ provider, locale, collate, ctype, nondeterministic }) =>
    words(provider, locale ?? words(collate, ctype), nondeterministic && "nondeterministic"),
  textSearchDictionary: ({ template, options }) => words(template, options && list(options)),
  textSearchConfiguration: ({ parser, mappings }) =>
    words(parser, mappings && `mappings for ${list(mappings.map(({ token }) => token))}`),
  sequence: ({ type }) => type ?? "",
  table: ({ unlogged, partitionBy, partitionOf, inherits, options, toastOptions, tablespace }) =>
    words(
      unlogged && "unlogged",
      partitionBy && `partition by ${partitionBy}`,
      partitionOf && `partition of ${partitionOf.schema}.${partitionOf.table} ${partitionOf.bound}`,
      inherits && `inherits ${list(inherits.map((parent) => `${parent.schema}.${parent.table}`))}`,
      options && `with ${list(options)}`,
      toastOptions && `with ${list(toastOptions.map((option) => `toast.${option}`))}`,
      tablespace && `in tablespace ${tablespace}`,
    ),
  column: ({ type, notNull, default: fallback, identity, generated }) =>
    words(
      type,
      notNull && "not null",
      fallback !== undefined && `default ${fallback}`,
      identity && `generated ${identity.generation} as identity`,
      generated && `generated always as (${generated.expression}) ${generated.storage}`,
    ),
  notNull: ({ column, noInherit, notValid }) =>
    words(list([column]), noInherit && "no inherit", notValid && "not valid"),
  primaryKey: ({ columns, withoutOverlaps }) => words(list(columns), withoutOverlaps && "without overlaps"),
  unique: ({ columns, withoutOverlaps, nullsNotDistinct }) =>
    words(list(columns), withoutOverlaps && "without overlaps", nullsNotDistinct && "nulls not distinct"),
  foreignKey: ({ columns, references, period, onDelete, onUpdate, notValid, notEnforced }) =>
    words(
      list(columns),
      period && "period",
      `references ${references.schema}.${references.table}${list(references.columns)}`,
      onDelete && `on delete ${onDelete}`,
      onUpdate && `on update ${onUpdate}`,
      notValid && "not valid",
      notEnforced && "not enforced",
    ),
  check: ({ expression, notValid, notEnforced }) =>
    words(expression, notValid && "not valid", notEnforced && "not enforced"),
  index: ({ definition, unique, invalid, tablespace }) =>
    words(unique && "unique", definition, invalid && "invalid", tablespace && `in tablespace ${tablespace}`),
  replicaIdentity: ({ mode, index }) => words(mode, index),
  clustering: ({ index }) => `by ${index}`,
  exclusion: ({ definition }) => definition,
  statistics: ({ definition, target }) => words(definition, target !== undefined && `target ${target}`),
  rowSecurity: ({ enabled, forced }) => words(enabled ? "enabled" : "disabled", forced && "forced"),
  policy: ({ command, roles, using, check }) =>
    words(
      `for ${command ?? "all"}`,
      roles && `to ${roles.join(", ")}`,
      using && `using ${using}`,
      check && `with check ${check}`,
    ),
  function: routineInWords,
  procedure: routineInWords,
  aggregate: routineInWords,
  trigger: ({ definition, firing }) => words(definition, firing && `fires: ${firing}`),
  rule: ({ definition, firing }) => words(definition, firing && `fires: ${firing}`),
  view: ({ columns, options }) => words(list(columns.map(({ name }) => name)), options && `with ${list(options)}`),
  eventTrigger: ({ event, tags, firing }) => words(`on ${event}`, tags && list(tags), firing && `fires: ${firing}`),
  owner: ({ role }) => role ?? "",
  grant: standingsInWords,
  defaultPrivileges: standingsInWords,
  materializedView: ({ columns, unpopulated }) =>
    words(list(columns.map(({ name }) => name)), unpopulated && "with no data"),
  foreignDataWrapper: ({ handler, options }) =>
    words(handler && `handler ${handler.schema}.${handler.name}`, optionsInWords(options)),
  foreignServer: ({ wrapper, type, version, options }) =>
    words(`of ${wrapper}`, type && `type ${type}`, version && `version ${version}`, optionsInWords(options)),
  publication: ({ allTables, tables = [], schemas = [], publish }) =>
    words(
      allTables && "all tables",
      tables.length > 0 && list(tables.map(({ schema, table }) => `${schema}.${table}`)),
      schemas.length > 0 && `tables in ${list(schemas)}`,
      publish && `publishes ${list(publish)}`,
    ),
  userMapping: ({ options }) => optionsInWords(options),
  foreignTable: ({ server, columns, options }) =>
    words(`on ${server}`, list(columns.map(({ name }) => name)), optionsInWords(options)),
};

/** What cannot be a secret; the rest never gets into a graph. */
function optionsInWords(options: ForeignOptions | undefined): string {
  return options === undefined ? "" : `options ${list(options.map(({ name, value }) => `${name} ${value}`))}`;
}

/** What is held, what may be passed on and what was taken away: `select, insert with grant option, no execute`. */
function standingsInWords(object: Standings): string {
  return Object.entries(standingsOf(object))
    .map(([name, held]) => (held === "none" ? `no ${name}` : held === "grantable" ? `${name} with grant option` : name))
    .join(", ");
}

/** A routine's signature; its body is what the SQL is for. */
function routineInWords({ arguments: types, returns }: Routine): string {
  return words(list([types]), returns && `returns ${returns}`);
}

/** What an object is, beside its kind and name; empty when those say it all. Texts are as the server gave them. */
export function describeObject(object: SchemaObject): string {
  const describe = describers[object.kind] as (object: SchemaObject) => string;
  return describe(object);
}

/** An object's own name: without its schema and table. */
export function shortName(object: SchemaObject): string {
  if (object.kind === "defaultPrivileges") return objectName(object);
  if (object.kind === "grant") {
    const column = object.on.kind === "column" ? `on ${object.on.name} ` : "";
    return `${column}to ${granteeInWords(object.to)}`;
  }
  return "name" in object ? object.name : ruleOf(object.kind).label;
}

/** The value of an attribute in words; absent members hold Postgres's default and read `none`. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return "none";
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "number") return value === true ? "yes" : String(value);
  if (Array.isArray(value)) return list(value.map(describeValue));
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${name} ${describeValue(member)}`)
    .join(", ");
}

function words(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part !== false && part !== undefined && part !== "").join(" ");
}
