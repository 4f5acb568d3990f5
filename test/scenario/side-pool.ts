/**
 * Databases that scenarios share one after another: emptied after each use, which costs a tenth of making and dropping one.
 * The schema public stays, with the owner, the rights and the comment that initdb gave it.
 */
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { connect, type Session } from "../../src/pg/session.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { resetPrivileges } from "../support/reset-privileges.ts";

/** One database of a scenario and a session of the tool with it. */
export interface Side {
  readonly database: TestDatabase;
  readonly session: Session;
}

export interface SidePool {
  /** Lends an empty database for the length of `work`; one whose work fails is not used again. */
  lend<T>(work: (side: Side) => Promise<T>): Promise<T>;
  /** Drops all of them. */
  close(): Promise<void>;
}

/**
 * Everything made by users goes: extensions, schemas, then one by one what is in public, since a cascade may have taken
 * more than one. Fails when anything is left: the next scenario would be judged with it.
 */
const emptyIt = `do $$
declare found record;
begin
  set local client_min_messages to error;
  for found in select extname from pg_catalog.pg_extension where extname <> 'plpgsql' order by extname loop
    execute pg_catalog.format('drop extension if exists %I cascade', found.extname);
  end loop;
  for found in select pubname from pg_catalog.pg_publication order by pubname loop
    execute pg_catalog.format('drop publication %I', found.pubname);
  end loop;
  for found in select fdwname from pg_catalog.pg_foreign_data_wrapper order by fdwname loop
    execute pg_catalog.format('drop foreign data wrapper %I cascade', found.fdwname);
  end loop;
  for found in
    select nspname from pg_catalog.pg_namespace
    where nspname !~ '^pg_' and nspname not in ('information_schema', 'public') order by nspname
  loop
    execute pg_catalog.format('drop schema %I cascade', found.nspname);
  end loop;
  loop
    select named.type, named.identity into found
    from pg_catalog.pg_depend d
    cross join lateral pg_catalog.pg_identify_object(d.classid, d.objid, 0) named
    where d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
      and d.refobjid = 'public'::pg_catalog.regnamespace and d.deptype = 'n'
      and not exists (
        select from pg_catalog.pg_depend i
        where i.classid = d.classid and i.objid = d.objid and i.objsubid = 0 and i.deptype in ('a', 'i')
      )
    limit 1;
    exit when found.type is null;
    -- an aggregate without arguments is identified with () and dropped with (*)
    execute pg_catalog.format('drop %s %s cascade', found.type,
      case found.type when 'aggregate' then pg_catalog.replace(found.identity, '()', '(*)') else found.identity end);
  end loop;
  comment on schema public is 'standard public schema';
  select named.type, named.identity into found
  from pg_catalog.pg_depend d
  cross join lateral pg_catalog.pg_identify_object(d.classid, d.objid, 0) named
  where d.objid >= 16384
  limit 1;
  if found.type is not null then raise exception 'left behind: % %', found.type, found.identity; end if;
end $$`;

/** A pool of databases on a server; made on demand. */
export function sidePool(serverUrl: string): SidePool {
  const all: Side[] = [];
  const free: Side[] = [];
  return {
    async lend(work) {
      const side = free.pop() ?? (await makeSide(serverUrl, all));
      const result = await work(side);
      await side.database.query(resetPrivileges);
      await side.database.query(emptyIt);
      free.push(side);
      return result;
    },
    async close() {
      await Promise.all(all.splice(0).map(dropSide));
    },
  };
}

async function makeSide(serverUrl: string, all: Side[]): Promise<Side> {
  const database = await createTestDatabase({ serverUrl });
  const settings = resolveProcessConnection(database.url, {});
  const side = { database, session: await connect(settings, { applicationName: "zanith scenario" }) };
  all.push(side);
  return side;
}

async function dropSide({ database, session }: Side): Promise<void> {
  await session.close();
  await database.drop();
}
