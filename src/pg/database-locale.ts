/** The encoding and locale of a database, read and written as each Postgres version spells them. */
import { toolError } from "../base/errors.ts";
import { quoteLiteral } from "../sql/literal.ts";
import type { Session } from "./session.ts";

/** What makes texts sort, compare and change case alike in two databases. */
export interface DatabaseLocale {
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  /** Since 15: c = libc, i = ICU; since 17: b = builtin. Older servers have libc only. */
  readonly provider: "c" | "i" | "b";
  /** The locale of the ICU or builtin provider. */
  readonly locale: string | null;
  /** Since 16: tailoring rules of ICU. */
  readonly icuRules: string | null;
}

/** Reads the locale of a database; the session's own without a name. @throws ToolError database_missing */
export async function readDatabaseLocale(session: Session, database?: string): Promise<DatabaseLocale> {
  const version = session.server.versionNum;
  const provider = version >= 150000 ? "d.datlocprovider" : "'c'";
  // datlocale was daticulocale in 15 and 16.
  const locale = version >= 170000 ? "d.datlocale" : version >= 150000 ? "d.daticulocale" : "null";
  const rules = version >= 160000 ? "d.daticurules" : "null";
  const name = database ?? session.server.database;
  const [row] = await session.rows(
    `select pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, ${provider}, ${locale}, ${rules}
from pg_catalog.pg_database as d
where d.datname = $1
order by d.datname`,
    [name],
  );
  if (!row) {
    throw toolError({
      code: "database_missing",
      what: `there is no database ${name} on this server`,
      state: "nothing was changed",
    });
  }
  const [encoding, collate, ctype, kind, localeName = null, icuRules = null] = row;
  return {
    encoding: encoding ?? "UTF8",
    collate: collate ?? "C",
    ctype: ctype ?? "C",
    provider: kind === "i" || kind === "b" ? kind : "c",
    locale: localeName,
    icuRules,
  };
}

/** The clauses of CREATE DATABASE for a locale, for a server of the given version (14 to 18). */
export function localeClauses(locale: DatabaseLocale, versionNum: number): string {
  const clauses = [
    `encoding ${quoteLiteral(locale.encoding)}`,
    `lc_collate ${quoteLiteral(locale.collate)}`,
    `lc_ctype ${quoteLiteral(locale.ctype)}`,
  ];
  if (versionNum >= 150000) {
    // Stated even for libc: the template may have another provider.
    clauses.push(`locale_provider ${{ c: "libc", i: "icu", b: "builtin" }[locale.provider]}`);
    if (locale.provider === "i" && locale.locale !== null) clauses.push(`icu_locale ${quoteLiteral(locale.locale)}`);
    if (locale.provider === "b" && locale.locale !== null) {
      clauses.push(`builtin_locale ${quoteLiteral(locale.locale)}`);
    }
  }
  if (versionNum >= 160000 && locale.icuRules !== null) clauses.push(`icu_rules ${quoteLiteral(locale.icuRules)}`);
  return clauses.join(" ");
}
