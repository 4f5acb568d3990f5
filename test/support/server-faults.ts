/**
 * Faults that a server raises on order: at the nth command that changes the schema, or at a row that is written. They are
 * part of a database before a migration and stay in it; settings of the database arm them.
 */
import type { TestDatabase } from "./database.ts";

/** What to add to the script of a database; the row trigger is on a table with a column `amount`. */
export function serverFaults(table: string): string {
  return `
create schema faults;
create sequence faults.commands;
create sequence faults.rows;
create function faults.on_command() returns event_trigger language plpgsql as $fault$
begin
  if coalesce(current_setting('faults.command', true), '') <> ''
    and nextval('faults.commands') = current_setting('faults.command')::bigint then
    raise exception using errcode = current_setting('faults.code'), message = 'a fault';
  end if;
end $fault$;
create event trigger faults_on_command on ddl_command_end execute function faults.on_command();
create function faults.on_row() returns trigger language plpgsql as $fault$
begin
  if coalesce(current_setting('faults.row', true), '') = new.amount::text
    and nextval('faults.rows') <= current_setting('faults.times')::bigint then
    raise exception using errcode = current_setting('faults.code'), message = 'a fault';
  end if;
  return new;
end $fault$;
create trigger faults_on_row before update on ${table} for each row execute function faults.on_row();`;
}

/** Arms a fault for sessions that begin from now on; nothing given disarms. */
export async function arm(database: TestDatabase, settings: Readonly<Record<string, string>> = {}): Promise<void> {
  const name = `"${database.name}"`;
  await database.query(`alter database ${name} reset all`);
  for (const [setting, value] of Object.entries(settings)) {
    await database.query(`alter database ${name} set ${setting} = '${value}'`);
  }
}
