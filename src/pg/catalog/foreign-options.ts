/**
 * Options of what reads other servers. A value that may be a secret never leaves the server: the queries ask for its name
 * alone, and it is named as not compared.
 */
import { compareText } from "../../base/ordered.ts";
import type { ForeignOptions } from "../../model/foreign-objects.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import type { CatalogDraft } from "./draft.ts";

const secretWords = "pass|pwd|secret|token|credential|private_?key|access_?key|api_?key|ssl_?key|scram";
/** What a connection string looks like that has a password in it. */
const secretValues = "://[^/@[:space:]]*:[^/@[:space:]]*@|(password|pwd)[[:space:]]*=";
/** Options of user mappings that are no secret: all others may be one. */
const plainMappingOptions = "user|username|user_name|remote_user|password_required";

const secretName = `o.option_name ~* '(${secretWords})' and o.option_name <> 'password_required'`;

/** SQL: an options array as JSON, a list of pairs whose second part is null where it may be a secret. */
export function optionPairs(options: string, of: "any" | "user mapping" = "any"): string {
  const secret =
    of === "any"
      ? `(${secretName} or o.option_value ~* '${secretValues}')`
      : `(o.option_name !~* '^(${plainMappingOptions})$')`;
  return `(select pg_catalog.json_agg(pg_catalog.json_build_array(o.option_name, case when not ${secret} then o.option_value end))
    from pg_catalog.pg_options_to_table(${options}) o)`;
}

/** A list of pairs as `optionPairs` gives it. */
export type OptionPairs = readonly (readonly [name: string, value: string | null])[];

/** The options that can be compared, absent when there are none; the others are listed under the kind and name of what has them. */
export function readOptions(
  draft: CatalogDraft,
  pairs: OptionPairs | null,
  kind: string,
  name: () => string,
): { options?: ForeignOptions } {
  const options: ForeignOptions = [];
  for (const [option, value] of pairs ?? []) {
    if (value === null) {
      draft.unmodelled.push({
        kind: `option of ${kind} that may be a secret`,
        name: `${quoteIdent(option)} of ${name()}`,
      });
    } else options.push({ name: option, value });
  }
  options.sort((a, b) => compareText(a.name, b.name));
  return options.length === 0 ? {} : { options };
}
