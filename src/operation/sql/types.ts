/** The SQL of domains, composite and range types and collations. None of it locks a table unless it says so. */
import type { Collation, CompositeType, Domain, DomainCheck, RangeType } from "../../model/object.ts";
import { asInput } from "../../sql/expression.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { literalOrNull, quoteLiteral } from "../../sql/literal.ts";
import { type CatalogQuestion, type Statement, statement } from "../../sql/statement.ts";
import { commentStatements } from "./comment.ts";

/** A type or collation by the parts of its name. */
export interface TypePlace {
  readonly schema: string;
  readonly name: string;
}

/** What stands for itself and is made in one statement. */
export type MadeType = Domain | CompositeType | RangeType | Collation;

/** CREATE DOMAIN, CREATE TYPE or CREATE COLLATION with its comments. A check that is not valid cannot be part of it. */
export function createTypeStatements(type: MadeType, checks: readonly DomainCheck[] = []): Statement[] {
  return [
    statement(createText(type, checks)),
    ...commentStatements(type),
    ...(type.kind === "compositeType" ? attributeComments(type) : []),
    ...checks.flatMap(commentStatements),
  ];
}

function createText(type: MadeType, checks: readonly DomainCheck[]): string {
  switch (type.kind) {
    case "domain":
      return createDomain(type, checks);
    case "compositeType":
      return `create type ${qualified(type.schema, type.name)} as (${type.attributes.map(attributeText).join(", ")})`;
    case "rangeType":
      return createRange(type);
    case "collation":
      return createCollation(type);
  }
}

function createDomain(domain: Domain, checks: readonly DomainCheck[]): string {
  const words = [
    `create domain ${qualified(domain.schema, domain.name)} as ${domain.type}`,
    ...(domain.collation === undefined ? [] : [`collate ${domain.collation}`]),
    ...(domain.default === undefined ? [] : [`default ${asInput(domain.default)}`]),
    ...(domain.notNull ? ["not null"] : []),
    ...checks.map((check) => `constraint ${quoteIdent(check.name)} check ${asInput(check.expression)}`),
  ];
  return words.join(" ");
}

/** An attribute as it stands in CREATE TYPE and after ADD ATTRIBUTE. */
export function attributeText(attribute: CompositeType["attributes"][number]): string {
  const collate = attribute.collation === undefined ? "" : ` collate ${attribute.collation}`;
  return `${quoteIdent(attribute.name)} ${attribute.type}${collate}`;
}

/** The COMMENT statement of an attribute, which is a column to the server. */
export function attributeComment(type: TypePlace, name: string, comment: string | undefined): Statement {
  return statement(
    `comment on column ${qualified(type.schema, type.name)}.${quoteIdent(name)} is ${literalOrNull(comment)}`,
  );
}

function attributeComments(type: CompositeType): Statement[] {
  return type.attributes.flatMap(({ name, comment }) =>
    comment === undefined ? [] : [attributeComment(type, name, comment)],
  );
}

function createRange(range: RangeType): string {
  const options = [
    `subtype = ${range.subtype}`,
    ...(range.operatorClass === undefined ? [] : [`subtype_opclass = ${range.operatorClass}`]),
    ...(range.collation === undefined ? [] : [`collation = ${range.collation}`]),
    ...(range.difference === undefined ? [] : [`subtype_diff = ${range.difference}`]),
    `multirange_type_name = ${qualified(range.schema, range.multirange)}`,
  ];
  return `create type ${qualified(range.schema, range.name)} as range (${options.join(", ")})`;
}

function createCollation(collation: Collation): string {
  const options = [
    `provider = ${collation.provider}`,
    ...(collation.locale === undefined ? [] : [`locale = ${quoteLiteral(collation.locale)}`]),
    ...(collation.collate === undefined ? [] : [`lc_collate = ${quoteLiteral(collation.collate)}`]),
    ...(collation.ctype === undefined ? [] : [`lc_ctype = ${quoteLiteral(collation.ctype)}`]),
    ...(collation.nondeterministic ? ["deterministic = false"] : []),
    ...(collation.rules === undefined ? [] : [`rules = ${quoteLiteral(collation.rules)}`]),
  ];
  return `create collation ${qualified(collation.schema, collation.name)} (${options.join(", ")})`;
}

const words = { domain: "domain", compositeType: "type", rangeType: "type", collation: "collation" } as const;

/** DROP of a type or collation, never with CASCADE. */
export function dropMadeType(type: TypePlace & { readonly kind: MadeType["kind"] }): Statement {
  return statement(`drop ${words[type.kind]} ${qualified(type.schema, type.name)}`);
}

/** ALTER … RENAME TO; the multirange type of a range keeps its own name. */
export function renameMadeType(type: TypePlace & { readonly kind: MadeType["kind"] }, to: string): Statement {
  return statement(`alter ${words[type.kind]} ${qualified(type.schema, type.name)} rename to ${quoteIdent(to)}`);
}

/** `alter domain …`, to be followed by what is to change. */
export function alterDomain(place: TypePlace): string {
  return `alter domain ${qualified(place.schema, place.name)}`;
}

/** ADD CONSTRAINT … NOT VALID: the tables that use the domain are not looked at. */
export function addDomainCheckStatement(check: DomainCheck): Statement {
  return statement(
    `${alterDomain({ schema: check.schema, name: check.domain })} add constraint ${quoteIdent(check.name)} check ${asInput(check.expression)} not valid`,
  );
}

/** VALIDATE CONSTRAINT: reads every column of the domain under SHARE, since 18 under SHARE UPDATE EXCLUSIVE. */
export function validateDomainCheckStatement(check: DomainCheckPlace): Statement {
  return statement(`${ofDomain(check)} validate constraint ${quoteIdent(check.name)}`, "share", [], "scan");
}

/** DROP CONSTRAINT of a domain. */
export function dropDomainCheckStatement(check: DomainCheckPlace): Statement {
  return statement(`${ofDomain(check)} drop constraint ${quoteIdent(check.name)}`);
}

export interface DomainCheckPlace {
  readonly schema: string;
  readonly domain: string;
  readonly name: string;
}

function ofDomain(check: DomainCheckPlace): string {
  return alterDomain({ schema: check.schema, name: check.domain });
}

/** Whether a domain has that very check, validated if asked for. */
export function domainCheckExists(check: DomainCheck, validated: boolean): CatalogQuestion {
  return {
    sql: `select exists (
  select from pg_catalog.pg_constraint k
  join pg_catalog.pg_type t on t.oid = k.contypid
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  where n.nspname = $1 and t.typname = $2 and k.conname = $3 and '(' || pg_catalog.pg_get_expr(k.conbin, 0) || ')' = $4${validated ? "\n    and k.convalidated" : ""}
)`,
    params: [check.schema, check.domain, check.name, check.expression],
  };
}
