// Foreign data: what may be a secret never gets into a graph, and what of foreign tables is not modelled is named.
import { afterAll, describe, expect, test } from "bun:test";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { planOperations } from "../../src/diff/plan-operations.ts";
import { readGraph } from "../../src/pg/catalog/index.ts";
import { connect } from "../../src/pg/session.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";

const bench = await withSchemaBench();
const server = "create foreign data wrapper w; create server there foreign data wrapper w";

async function unmodelled(script: string): Promise<readonly string[]> {
  const { unmodelled: found } = await bench.graphOf(script);
  return found.map(({ kind, name }) => `${kind}: ${name}`);
}

describe("options that may be secrets", () => {
  const script = (secret: string) => `
    create foreign data wrapper w options (debug 'on', client_secret '${secret}');
    create server there foreign data wrapper w
      options (host 'far', access_key '${secret}', url 'https://me:${secret}@far/db', dsn 'host=far password=${secret}');
    create user mapping for public server there options (user 'me', password '${secret}', passcode '${secret}', x '${secret}');
    create foreign table far (id int options (api_key '${secret}')) server there options (token '${secret}', a 'b')`;

  test("are in no graph, and each is named as not compared", async () => {
    const graph = await bench.graphOf(script("hunter2"));
    expect(JSON.stringify([...graph.objects.values(), ...graph.unmodelled])).not.toContain("hunter2");
    expect(await unmodelled(script("hunter2"))).toEqual([
      "option of column of a foreign table that may be a secret: api_key of public.far.id",
      "option of foreign data wrapper that may be a secret: client_secret of w",
      "option of foreign server that may be a secret: access_key of there",
      "option of foreign server that may be a secret: dsn of there",
      "option of foreign server that may be a secret: url of there",
      "option of foreign table that may be a secret: token of public.far",
      "option of user mapping that may be a secret: passcode of public on server there",
      "option of user mapping that may be a secret: password of public on server there",
      "option of user mapping that may be a secret: x of public on server there",
    ]);
    expect(graph.objects.get("userMapping:there.public")).toEqual({
      kind: "userMapping",
      server: "there",
      name: "public",
      options: [{ name: "user", value: "me" }],
    });
  });

  test("lead to no plan when only they differ", async () => {
    const [before, after] = [await bench.graphOf(script("one")), await bench.graphOf(script("two"))];
    expect(planOperations(before, after, { server: bench.server }).operations).toEqual([]);
  });

  test("that the reader may not see are named as such", async () => {
    await bench.reset();
    await bench.run(`${server}; create user mapping for public server there options (user 'me')`);
    const session = await connect(resolveProcessConnection(bench.url, {}), { applicationName: "zanith tests" });
    afterAll(() => session.close());
    await session.execute("set role pg_monitor");
    const { unmodelled: found } = await readGraph(session, { auditSchema: "public" });
    expect(found).toContainEqual({
      kind: "options of user mapping that cannot be seen",
      name: "public on server there",
    });
  });
});

describe("foreign tables", () => {
  test("that follow other tables are named and not read", async () => {
    const script = `${server}; create table parent (a int) partition by list (a);
      create foreign table part partition of parent for values in (1) server there;
      create table base (a int); create foreign table heir () inherits (base) server there`;
    const graph = await bench.graphOf(script);
    expect([...graph.objects.keys()].filter((id) => id.startsWith("foreignTable:"))).toEqual([]);
    expect(await unmodelled(script)).toEqual([
      "foreign table that inherits: public.heir",
      "foreign table that is a partition: public.part",
    ]);
  });

  test("have triggers and column settings that are named", async () => {
    const script = `${server}; create function f() returns trigger language plpgsql as 'begin return null; end';
      create foreign table far (a int, b text) server there; alter foreign table far alter a set statistics 5, alter b set storage plain;
      create trigger t after insert on far for each row execute function f()`;
    expect(await unmodelled(script)).toEqual([
      "statistics target of columns of foreign table: public.far",
      "storage of columns of foreign table: public.far",
      "trigger on foreign table: public.far",
    ]);
  });

  test("that an extension owns are left alone, with the rest of what it brought", async () => {
    const graph = await bench.graphOf(
      `create extension postgres_fdw; create server there foreign data wrapper postgres_fdw`,
    );
    expect([...graph.objects.keys()]).toEqual(["extension:postgres_fdw", "foreignServer:there", "schema:public"]);
  });
});
