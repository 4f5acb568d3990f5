/**
 * A second observer of a schema beside pg_dump: every row of the system catalogs about objects made by users, with each
 * oid replaced by the identity of what it refers to. Shares no code with the reader under test and knows no kind of object.
 */
import type { Row } from "./database.ts";

export interface CatalogDumpOptions {
  /** false: columns of a table in any order count as equal */
  readonly columnOrder: boolean;
}

/** Runs one statement on the database to look at. */
export type RunQuery = (sql: string) => Promise<readonly Row[]>;

/** First object id of anything made after initdb. */
const firstUserOid = 16384;

/** Rows of catalogs without a column `oid` are somebody's by this column. */
const keyColumns: Readonly<Record<string, string>> = {
  pg_aggregate: "aggfnoid",
  pg_attribute: "attrelid",
  pg_foreign_table: "ftrelid",
  pg_index: "indexrelid",
  pg_inherits: "inhrelid",
  pg_partitioned_table: "partrelid",
  pg_range: "rngtypid",
  pg_sequence: "seqrelid",
  pg_ts_config_map: "mapcfg",
};

/** Catalogs of the whole server, of rows and statistics, and those that name objects by class and oid: see `linked`. */
const leftOut = new Set([
  "pg_auth_members",
  "pg_authid",
  "pg_database",
  "pg_db_role_setting",
  "pg_depend",
  "pg_description",
  "pg_init_privs",
  "pg_largeobject",
  "pg_largeobject_metadata",
  "pg_parameter_acl",
  "pg_replication_origin",
  "pg_seclabel",
  "pg_shdepend",
  "pg_shdescription",
  "pg_shseclabel",
  "pg_statistic",
  "pg_statistic_ext_data",
  "pg_subscription",
  "pg_subscription_rel",
  "pg_tablespace",
]);

/** What depends on how a relation came to be, on its rows or on its files, and nothing that pg_dump would print. */
const ignoredColumns: Readonly<Record<string, readonly string[]>> = {
  pg_attribute: ["attnum", "attcacheoff", "atthasmissing", "attmissingval", "attndims", "attisdropped"],
  pg_class:
    "relfilenode relpages reltuples relallvisible relallfrozen reltoastrelid relhasindex relhasrules relhastriggers relhassubclass relfrozenxid relminmxid relnatts relrewrite".split(
      " ",
    ),
  pg_constraint: ["conislocal", "connoinherit", "convalidated"],
  pg_enum: ["enumsortorder"],
  pg_index: ["indcheckxmin"],
  pg_publication_rel: ["prattrs"],
  // beside the parsed default, the words somebody wrote it in
  pg_type: ["typdefault"],
};

/** Lists of privileges: the kind that acldefault knows, and the column with the owner. */
const privilegeLists: Readonly<Record<string, readonly [column: string, kind: string, owner: string]>> = {
  pg_attribute: ["attacl", "'c'", "0"],
  pg_class: ["relacl", "case r.relkind when 'S' then 's'::\"char\" else 'r' end", "r.relowner"],
  pg_default_acl: ["defaclacl", "'c'", "0"],
  pg_foreign_data_wrapper: ["fdwacl", "'F'", "r.fdwowner"],
  pg_foreign_server: ["srvacl", "'S'", "r.srvowner"],
  pg_language: ["lanacl", "'l'", "r.lanowner"],
  pg_namespace: ["nspacl", "'n'", "r.nspowner"],
  pg_proc: ["proacl", "'f'", "r.proowner"],
  pg_type: ["typacl", "'T'", "r.typowner"],
};

/** A list without the order in which somebody granted, and with what nobody had to say. */
const privilegesOf = ([column, kind, owner]: readonly [string, string, string]): string => `(
  select pg_catalog.array_agg(item.one::text order by item.one::text)
  from (
    select pg_catalog.makeaclitem(x.grantee, x.grantor, x.privilege_type, x.is_grantable) as one
    from pg_catalog.aclexplode(coalesce(r.${column}, pg_catalog.acldefault(${kind}, ${owner}))) x
  ) item)`;

/** What replaces columns that cannot be compared: name → expression over the row `r`. */
const addedColumns: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pg_attrdef: { expression: "pg_catalog.pg_get_expr(r.adbin, r.adrelid)" },
  pg_attribute: { type: "pg_catalog.format_type(r.atttypid, r.atttypmod)" },
  pg_class: {
    bound: "pg_catalog.pg_get_expr(r.relpartbound, r.oid)",
    view: "case when r.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(r.oid) end",
  },
  pg_constraint: {
    // validating a foreign key to a partitioned table leaves the rows for its partitions as they were (14 to 17)
    definition: `case when r.conparentid = 0 then pg_catalog.pg_get_constraintdef(r.oid)
      else pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(r.oid), ' NOT VALID$', '') end`,
    validated: `(
      with recursive up(parent, validated) as (
        select r.conparentid, r.convalidated
        union all
        select p.conparentid, p.convalidated from up join pg_catalog.pg_constraint p on p.oid = up.parent
      )
      select pg_catalog.bool_or(up.validated) from up)`,
    // a key of a partition makes the NOT NULL that came from the parent count as declared here too (18), before it is attached
    local: `case when not (r.contype = 'n' and r.coninhcount > 0 and exists (
      select from pg_catalog.pg_constraint p join pg_catalog.pg_class c on c.oid = p.conrelid and c.relispartition
      where p.conrelid = r.conrelid and p.contype = 'p' and p.conkey @> r.conkey)) then r.conislocal end`,
    // of what has an index it tells how those of partitions came to be, and nothing else
    noInherit: "case when r.contype not in ('p', 'u', 'x') then r.connoinherit end",
  },
  pg_enum: {
    rank: "(select pg_catalog.count(*) from pg_catalog.pg_enum e where e.enumtypid = r.enumtypid and e.enumsortorder <= r.enumsortorder)",
  },
  pg_index: { definition: "pg_catalog.pg_get_indexdef(r.indexrelid)" },
  pg_partitioned_table: { key: "pg_catalog.pg_get_partkeydef(r.partrelid)" },
  pg_policy: {
    using: "pg_catalog.pg_get_expr(r.polqual, r.polrelid)",
    check: "pg_catalog.pg_get_expr(r.polwithcheck, r.polrelid)",
  },
  pg_proc: { definition: "case when r.prokind <> 'a' then pg_catalog.pg_get_functiondef(r.oid) end" },
  pg_publication_rel: {
    columns: `(select pg_catalog.jsonb_agg(a.attname order by a.attname) from pg_catalog.pg_attribute a
      where a.attrelid = r.prrelid and a.attnum = any (r.prattrs::pg_catalog.int2[]))`,
    filter: "pg_catalog.pg_get_expr(r.prqual, r.prrelid)",
  },
  pg_rewrite: { definition: "pg_catalog.pg_get_ruledef(r.oid)" },
  pg_statistic_ext: { definition: "pg_catalog.pg_get_statisticsobjdef(r.oid)" },
  pg_trigger: { definition: "pg_catalog.pg_get_triggerdef(r.oid)" },
  pg_type: { default: "pg_catalog.pg_get_expr(r.typdefaultbin, 0)" },
};

const placeOfColumn = `(select pg_catalog.count(*) from pg_catalog.pg_attribute b
  where b.attrelid = r.attrelid and b.attnum > 0 and b.attnum <= r.attnum and not b.attisdropped)`;

/** Further conditions on rows. The columns of indexes and sequences say nothing that their definitions do not. */
const conditions: Readonly<Record<string, string>> = {
  pg_attribute: `r.attnum > 0 and not r.attisdropped and exists (
    select from pg_catalog.pg_class c where c.oid = r.attrelid and c.relkind not in ('i', 'I', 'S', 't'))`,
  pg_class: "r.relkind <> 't'",
};

/** Objects that go unseen: members of extensions with what belongs to them, and storage for long values. */
const hidden = `recursive hidden(classid, objid) as (
  select d.classid, d.objid from pg_catalog.pg_depend d where d.deptype = 'e'
  union
  select 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, c.oid from pg_catalog.pg_class c
  where c.relnamespace = 'pg_toast'::pg_catalog.regnamespace
  union
  select d.classid, d.objid from pg_catalog.pg_depend d
  join hidden h on h.classid = d.refclassid and h.objid = d.refobjid and d.deptype in ('a', 'i')
)`;

interface Reference {
  readonly columns: readonly string[];
  readonly target: string;
  readonly isArray: boolean;
}

interface Catalog {
  readonly name: string;
  readonly columns: readonly string[];
  /** columns that hold parsed expressions */
  readonly trees: readonly string[];
  readonly references: readonly Reference[];
}

const queries = new Map<string, string>();

/** The dump: one sorted line of JSON a row, the same for two databases whose schemas are the same. */
export async function catalogDump(run: RunQuery, options: CatalogDumpOptions): Promise<string> {
  const [session] = await run(
    "select pg_catalog.current_setting('server_version_num') as version, pg_catalog.current_setting('search_path') as path",
  );
  const key = `${String(session?.["version"])} ${options.columnOrder}`;
  let query = queries.get(key);
  if (query === undefined) {
    query = dumpQuery(await readCatalogs(run), options);
    queries.set(key, query);
  }
  // What is printed must not depend on it.
  await run("select pg_catalog.set_config('search_path', '', false)");
  const rows = await run(await preparedOn(run, query, options));
  await run(`select pg_catalog.set_config('search_path', '${String(session?.["path"]).replaceAll("'", "''")}', false)`);
  const lines = rows.map((row) =>
    `${row["catalog"]} ${row["line"]}`.replaceAll(/(_ConstraintTrigger_(?:[ac]_)?)\d+/g, "$1"),
  );
  return `${[...new Set(lines)].sort().join("\n")}\n`;
}

/** Names of statements by the session that has them: planning the dump takes as long as running it. */
const prepared = new WeakMap<RunQuery, Set<string>>();

async function preparedOn(run: RunQuery, query: string, { columnOrder }: CatalogDumpOptions): Promise<string> {
  const name = `catalog_dump_${columnOrder ? "ordered" : "unordered"}`;
  const names = prepared.get(run) ?? new Set();
  prepared.set(run, names);
  if (!names.has(name)) await run(`prepare ${name} as ${query}`);
  names.add(name);
  return `execute ${name}`;
}

/** The server itself says which columns of its catalogs refer to which (pg_get_catalog_foreign_keys, since 14). */
async function readCatalogs(run: RunQuery): Promise<readonly Catalog[]> {
  const columns = await run(`
    select c.relname as catalog, pg_catalog.array_to_string(pg_catalog.array_agg(a.attname order by a.attnum), ' ') as columns,
      pg_catalog.array_to_string(pg_catalog.array_agg(a.attname order by a.attnum)
        filter (where a.atttypid = 'pg_catalog.pg_node_tree'::pg_catalog.regtype), ' ') as trees
    from pg_catalog.pg_class c
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    where c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace and c.relkind = 'r'
    group by c.relname
    order by c.relname`);
  const references = await run(`
    select c.relname as catalog, pg_catalog.array_to_string(k.fkcols, ' ') as columns, t.relname as target, k.is_array
    from pg_catalog.pg_get_catalog_foreign_keys() k
    join pg_catalog.pg_class c on c.oid = k.fktable
    join pg_catalog.pg_class t on t.oid = k.pktable
    order by 1, 2`);
  const words = (value: unknown): string[] =>
    String(value ?? "")
      .split(" ")
      .filter((word) => word !== "");
  return columns
    .map((row) => ({
      name: String(row["catalog"]),
      columns: words(row["columns"]),
      trees: words(row["trees"]),
      references: references
        .filter((reference) => reference["catalog"] === row["catalog"])
        .map((reference) => ({
          columns: words(reference["columns"]),
          target: String(reference["target"]),
          isArray: reference["is_array"] === true,
        })),
    }))
    .filter(({ name }) => !leftOut.has(name));
}

function dumpQuery(catalogs: readonly Catalog[], options: CatalogDumpOptions): string {
  const parts = [...catalogs.map((catalog) => rowsOf(catalog, options)), ...linked];
  return `with ${hidden}\n${parts.join("\nunion all\n")}`;
}

function rowsOf(catalog: Catalog, options: CatalogDumpOptions): string {
  const { name, columns, trees, references } = catalog;
  const key = columns.includes("oid") ? "oid" : keyColumns[name];
  if (key === undefined) throw new Error(`the catalog ${name} is new: say by which column its rows are somebody's`);
  const removed = ["oid", ...trees, ...(ignoredColumns[name] ?? [])];
  // The columns of a check are listed in the order of the table; its definition names them as well.
  if (name === "pg_constraint" && !options.columnOrder) removed.push("conkey");
  // So are the plain columns of statistics, in their definition as well.
  const unordered = name === "pg_statistic_ext" && !options.columnOrder;
  const replaced = references
    .filter(({ columns: from }) => !removed.includes(from.at(-1) ?? ""))
    .map((reference) => `'${reference.columns.at(-1)}', ${identityOf(reference, unordered)}`);
  const shown = unordered
    ? { definition: "pg_catalog.pg_get_statisticsobjdef_expressions(r.oid)" }
    : addedColumns[name];
  const added = Object.entries(shown ?? {})
    .filter(([, expression]) => readsOnly(columns, expression))
    .map(([column, expression]) => `'${column}', ${expression}`);
  if (name === "pg_attribute" && options.columnOrder) added.push(`'place', ${placeOfColumn}`);
  const objects = [...replaced, ...added];
  const list = privilegeLists[name];
  if (list !== undefined) {
    removed.push(list[0]);
    objects.push(`'privileges', ${privilegesOf(list)}`);
  }
  const isPublic = name === "pg_namespace" ? " or r.nspname = 'public'" : "";
  const owner = key === "oid" ? name : classOf(name);
  return `select '${name}' as catalog, ((pg_catalog.to_jsonb(r) - '{${removed.join(",")}}'::text[])
    || pg_catalog.jsonb_build_object(${objects.join(", ")}))::text as line
  from pg_catalog.${name} r
  where (r.${key} >= ${firstUserOid}${isPublic})${conditions[name] ? ` and ${conditions[name]}` : ""}
    and (${hiddenClass(owner)}, r.${key}) not in (select h.classid, h.objid from hidden h)`;
}

/** Whether the row has all columns that an expression reads: some are younger than the oldest server. */
function readsOnly(columns: readonly string[], expression: string): boolean {
  return [...expression.matchAll(/\br\.(\w+)/g)].every(([, column]) => columns.includes(column ?? ""));
}

/** The class of what the rows of a catalog without oids belong to. */
function classOf(name: string): string {
  const classes: Readonly<Record<string, string>> = {
    pg_aggregate: "pg_proc",
    pg_range: "pg_type",
    pg_ts_config_map: "pg_ts_config",
  };
  return classes[name] ?? "pg_class";
}

function hiddenClass(name: string): string {
  return `'pg_catalog.${name}'::pg_catalog.regclass::pg_catalog.oid`;
}

/** What a reference refers to, in words: a column by its name, anything else by its identity. */
function identityOf({ columns, target, isArray }: Reference, unordered: boolean): string {
  const column = columns.at(-1) ?? "";
  const one = (value: string): string => {
    if (target === "pg_attribute") {
      return `(select a.attname from pg_catalog.pg_attribute a where a.attrelid = r.${columns[0]} and a.attnum = ${value})`;
    }
    return `case when ${value} <> 0 then
      (select i.type || ' ' || i.identity from pg_catalog.pg_identify_object('pg_catalog.${target}'::pg_catalog.regclass, ${value}, 0) i) end`;
  };
  if (!isArray) return one(`r.${column}`);
  // The roles of a policy are a set.
  const order = unordered || column === "polroles" ? one("u.v") : "u.n";
  return `(select pg_catalog.jsonb_agg(${one("u.v")} order by ${order})
    from pg_catalog.unnest(r.${column}) with ordinality u(v, n))`;
}

const identified = (classOid: string, oid: string, part: string): string =>
  `(select i.type || ' ' || i.identity from pg_catalog.pg_identify_object(${classOid}, ${oid}, ${part}) i)`;

/** Catalogs that name objects by class, oid and part. */
const linked: readonly string[] = [
  `select 'pg_depend', pg_catalog.concat_ws(' | ', ${identified("r.classid", "r.objid", "r.objsubid")}, r.deptype,
    ${identified("r.refclassid", "r.refobjid", "r.refobjsubid")})
  from pg_catalog.pg_depend r
  where r.objid >= ${firstUserOid} and (r.classid, r.objid) not in (select h.classid, h.objid from hidden h)`,
  `select 'pg_shdepend', pg_catalog.concat_ws(' | ', ${identified("r.classid", "r.objid", "r.objsubid")}, r.deptype,
    ${identified("r.refclassid", "r.refobjid", "0")})
  from pg_catalog.pg_shdepend r
  where r.dbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
    and (r.classid, r.objid) not in (select h.classid, h.objid from hidden h)`,
  `select 'pg_description', pg_catalog.concat_ws(' | ', ${identified("r.classoid", "r.objoid", "r.objsubid")}, r.description)
  from pg_catalog.pg_description r
  where (r.objoid >= ${firstUserOid} or r.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass)
    and (r.classoid, r.objoid) not in (select h.classid, h.objid from hidden h)`,
  ...["pg_init_privs", "pg_seclabel"].map(
    (name) => `select '${name}', pg_catalog.concat_ws(' | ', ${identified("r.classoid", "r.objoid", "r.objsubid")},
    pg_catalog.to_jsonb(r) - '{classoid,objoid,objsubid}'::text[])
  from pg_catalog.${name} r
  where r.objoid >= ${firstUserOid} and (r.classoid, r.objoid) not in (select h.classid, h.objid from hidden h)`,
  ),
];
