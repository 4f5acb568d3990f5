/** The SQL of GRANT and REVOKE, and what their operations share. Roles are named, but for the owner, who is looked up. */
import { groupBy } from "../../base/ordered.ts";
import {
  type Grant,
  type GrantTarget,
  grantTargets,
  levelOf,
  type Privilege,
  privileges,
  targetName,
} from "../../model/grant.ts";
import { idPath } from "../../model/ids.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { type Statement, statement } from "../../sql/statement.ts";

/** MAINTAIN came with this version. */
const maintainSince = 170000;

/** Where the owner of an object stands: the catalog, its column, and the type that finds an object by its name. */
const ownerOf = {
  schema: ["pg_namespace", "nspowner", "regnamespace"],
  relation: ["pg_class", "relowner", "regclass"],
  routine: ["pg_proc", "proowner", "regprocedure"],
  type: ["pg_type", "typowner", "regtype"],
  server: ["pg_foreign_server", "srvowner", undefined],
  wrapper: ["pg_foreign_data_wrapper", "fdwowner", undefined],
} as const;

/** The privileges of a list that a server knows. */
export function knownPrivileges(list: readonly Privilege[], server: number): Privilege[] {
  return list.filter((name) => name !== "maintain" || server >= maintainSince);
}

/** `grant select, insert on table public.users to reader`; none without a privilege that the server knows. */
export function grantStatements(
  on: GrantTarget,
  to: string | undefined,
  list: readonly Privilege[],
  withGrantOption: boolean,
  server: number,
): Statement[] {
  const option = withGrantOption ? " with grant option" : "";
  return statements(on, to, list, server, (what, role) => `grant ${what} to ${role}${option}`);
}

/** The same for REVOKE. */
export function revokeStatements(
  on: GrantTarget,
  from: string | undefined,
  list: readonly Privilege[],
  optionOnly: boolean,
  server: number,
): Statement[] {
  const option = optionOnly ? "grant option for " : "";
  return statements(on, from, list, server, (what, role) => `revoke ${option}${what} from ${role}`);
}

function statements(
  on: GrantTarget,
  role: string | undefined,
  list: readonly Privilege[],
  server: number,
  words: (what: string, role: string) => string,
): Statement[] {
  const known = knownPrivileges(list, server);
  if (known.length === 0) return [];
  const what = `${known.map((name) => privilegeOn(name, on)).join(", ")} on ${addressOf(on)}`;
  if (role !== undefined) return [statement(words(what, quoteIdent(role)))];
  const [before, after] = words(what, "\0").split("\0");
  const [catalog, column, lookup] = ownerOf[placeOf(on)];
  const isIt =
    lookup === undefined
      ? `o.${column.replace("owner", "name")} = ${quoteLiteral(on.name)}`
      : `o.oid = ${quoteLiteral(relationOrName(on))}::pg_catalog.${lookup}`;
  const owner = `(select pg_catalog.pg_get_userbyid(o.${column}) from pg_catalog.${catalog} o where ${isIt})`;
  const rest = after === undefined || after === "" ? "" : ` || ${quoteLiteral(after)}`;
  const text = `${quoteLiteral(before ?? "")} || pg_catalog.quote_ident(${owner})${rest}`;
  return [statement(`do ${dollarQuoted(`begin execute ${text}; end`)}`)];
}

function privilegeOn(name: Privilege, on: GrantTarget): string {
  return on.kind === "column" ? `${name} (${quoteIdent(on.name)})` : name;
}

/** `table public.users`, also for a column of it: what stands after ON. */
function addressOf(on: GrantTarget): string {
  return `${grantTargets[on.kind].word} ${relationOrName(on)}`;
}

function relationOrName(on: GrantTarget): string {
  return on.kind === "column" ? idPath([on.schema ?? "", on.table ?? ""]) : targetName(on);
}

function placeOf({ kind }: GrantTarget): keyof typeof ownerOf {
  const { word } = grantTargets[kind];
  if (word === "schema") return "schema";
  if (word === "foreign server") return "server";
  if (word === "foreign data wrapper") return "wrapper";
  if (word === "table" || word === "sequence") return "relation";
  return word === "function" || word === "procedure" ? "routine" : "type";
}

/** A body between dollar quotes whose tag does not occur in it. */
function dollarQuoted(body: string): string {
  let tag = "$$";
  for (let at = 1; body.includes(tag); at++) tag = `$b${at}$`;
  return `${tag} ${body} ${tag}`;
}

/** Privileges by what happens to them between two grants of the same role on the same object. */
export function changedPrivileges<T extends Parameters<typeof levelOf>[0]>(
  before: T,
  after: T,
): {
  readonly granted: Privilege[];
  readonly grantable: Privilege[];
  readonly revoked: Privilege[];
  readonly option: Privilege[];
} {
  const change = (name: Privilege): string => {
    // What was taken away was there before anybody said so: where nothing is said any more, it is there again.
    const old = before[name] === undefined && after[name] === "none" ? 1 : levelOf(before, name);
    const now = after[name] === undefined && before[name] === "none" ? 1 : levelOf(after, name);
    if (old === now) return "same";
    return now > old ? (now === 2 ? "grantable" : "granted") : now === 0 ? "revoked" : "option";
  };
  const groups = groupBy(privileges, change);
  const of = (name: string): Privilege[] => [...(groups.get(name) ?? [])];
  return { granted: of("granted"), grantable: of("grantable"), revoked: of("revoked"), option: of("option") };
}

/** What makes an object that has just been made again have its grants, whatever is given to new ones by default. */
export function restoringStatements(grants: readonly Grant[], server: number): Statement[] {
  return grants.flatMap((grant) => {
    const { on, to } = grant;
    const at = (level: 0 | 1 | 2): Privilege[] =>
      privileges.filter((name) => grant[name] !== undefined && levelOf(grant, name) === level);
    return [
      ...revokeStatements(on, to, at(0), false, server),
      ...grantStatements(on, to, at(1), false, server),
      ...grantStatements(on, to, at(2), true, server),
    ];
  });
}
