/** The SQL that several ways of setting something aside have in common. Knows no kind of operation. */
import * as v from "valibot";
import { columnSchema } from "../../model/object.ts";
import { archiveSchema, artifactTagPattern } from "../../sql/artifact.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { type Statement, statement } from "../../sql/statement.ts";

/** Longest time, in days, that an artifact can be said to be counted on. */
const maxRetentionDays = 36_500;

/** Payload members of everything that sets something aside. */
export const setAsideMembers = {
  /** tells what this step sets aside from what others did: eight hexadecimal digits */
  id: v.pipe(v.string(), v.regex(artifactTagPattern, "eight hexadecimal digits")),
  /** days it is counted on; it is never removed without a command */
  retentionDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maxRetentionDays))),
};

/** Payload members that name what of a table has a name of its own in the schema. */
export const partNames = {
  indexes: v.optional(v.array(columnSchema.entries.name)),
  sequences: v.optional(v.array(columnSchema.entries.name)),
};

/** A DO block; its body can hold any name. */
export function doBlock(body: string): string {
  let tag = "$zanith$";
  for (let at = 1; body.includes(tag); at++) tag = `$zanith${at}$`;
  return `do ${tag}\n${body}\n${tag}`;
}

/** Makes the schema of archives. IF NOT EXISTS would ask for the right to make schemas even where there is nothing to make. */
export function ensureArchiveSchema(): Statement {
  return statement(
    doBlock(`begin
  if not exists (select from pg_catalog.pg_namespace where nspname = ${quoteLiteral(archiveSchema)}) then
    create schema ${archiveSchema};
  end if;
end`),
  );
}

/**
 * Fails with a list of who else uses a table: what refers to it goes on reading it under whatever name it has
 * (pg_depend holds the table's oid), which is not what dropping it means.
 * @param table as SQL names it now
 * @param shown its name for the message
 */
export function refuseUsersOfTable(table: string, shown: string): Statement {
  return statement(
    doBlock(`declare
  target pg_catalog.oid := ${quoteLiteral(table)}::pg_catalog.regclass;
  found pg_catalog.text;
begin
  select pg_catalog.string_agg(distinct pg_catalog.pg_describe_object(d.classid, d.objid, 0), ', ') into found
  from pg_catalog.pg_depend d
  left join pg_catalog.pg_rewrite w on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and w.oid = d.objid
  left join pg_catalog.pg_constraint k on d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and k.oid = d.objid
  left join pg_catalog.pg_policy p on d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and p.oid = d.objid
  where d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = target
    and (w.ev_class <> target or k.contype = 'f' or p.polrelid <> target
      or d.classid in ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_publication_rel'::pg_catalog.regclass)
      or d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid in
        (select i.inhrelid from pg_catalog.pg_inherits i where i.inhparent = target));
  if found is null then
    select 'it belongs to ' || pg_catalog.string_agg(i.inhparent::pg_catalog.regclass::pg_catalog.text, ', ') into found
    from pg_catalog.pg_inherits i where i.inhrelid = target;
  end if;
  if found is not null then
    raise exception using errcode = '2BP01',
      message = 'cannot set aside ' || ${quoteLiteral(shown)} || ': others use it: ' || found,
      hint = 'drop or change them first, in the same migration or an earlier one';
  end if;
end`),
  );
}

/** The same for one column: views, rules, policies, triggers, functions, publications, generated columns and foreign keys. */
export function refuseUsersOfColumn(table: string, column: string, shown: string): Statement {
  return statement(
    doBlock(`declare
  target pg_catalog.oid := ${quoteLiteral(table)}::pg_catalog.regclass;
  place pg_catalog.int2;
  found pg_catalog.text;
begin
  select a.attnum into place from pg_catalog.pg_attribute a
  where a.attrelid = target and a.attname = ${quoteLiteral(column)} and not a.attisdropped;
  select pg_catalog.string_agg(distinct pg_catalog.pg_describe_object(d.classid, d.objid, 0), ', ') into found
  from pg_catalog.pg_depend d
  left join pg_catalog.pg_attrdef f on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and f.oid = d.objid
  left join pg_catalog.pg_constraint k on d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and k.oid = d.objid
  where d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = target and d.refobjsubid = place
    and (d.classid in ('pg_catalog.pg_rewrite'::pg_catalog.regclass, 'pg_catalog.pg_policy'::pg_catalog.regclass,
        'pg_catalog.pg_trigger'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass,
        'pg_catalog.pg_publication_rel'::pg_catalog.regclass)
      or f.adnum <> place or k.contype = 'f'
      or d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = target and d.objsubid <> place);
  if found is not null then
    raise exception using errcode = '2BP01',
      message = 'cannot set aside ' || ${quoteLiteral(shown)} || ': others use it: ' || found,
      hint = 'drop or change them first, in the same migration or an earlier one';
  end if;
  if exists (select from pg_catalog.pg_partitioned_table t where t.partrelid = target and place = any (t.partattrs)) then
    raise exception using errcode = '2BP01',
      message = 'cannot set aside ' || ${quoteLiteral(shown)} || ': it is part of the partition key';
  end if;
end`),
  );
}
