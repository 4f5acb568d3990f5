// Runners that are killed at every event of a migration with every sort of segment, and at every message to the server:
// whatever was on its way, the next run finishes, and all is as after an undisturbed run. The short part takes some of the
// points, by the seed; ZANITH_FAULTS=long takes all of the events, and of the messages one from each hundred-and-twentieth.
import { expect, test } from "bun:test";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { asIfNothingHappened, setFaultScene, startRunner } from "../support/fault-scene.ts";
import { isLong, pointsOf, seed } from "../support/faults.ts";
import { twelveSteps, twelveStepsBefore } from "../support/twelve-steps.ts";
import { withProjects } from "../support/workspace.ts";

const projects = await withProjects();
const scene = await setFaultScene(projects, { sql: twelveStepsBefore(400), operations: twelveSteps });
const limitMs = isLong ? 3_600_000 : 180_000;

test(
  "kill -9 at an event: between a statement and its COMMIT, between segments, after a batch",
  async () => {
    expect(scene.events).toBeGreaterThan(80);
    const points = pointsOf(scene.events, isLong ? scene.events : 5);
    for (const dieAtEvent of points) {
      await using database = await scene.copy();
      const { killed, events } = await startRunner(scene.order(database, { dieAtEvent })).end;
      expect({ seed, dieAtEvent, killed, told: events.length }).toEqual({
        seed,
        dieAtEvent,
        killed: true,
        told: dieAtEvent,
      });
      const { story, ...settled } = await scene.settle(database);
      expect({ seed, dieAtEvent, event: events.at(-1), ...settled }).toEqual({
        seed,
        dieAtEvent,
        event: events.at(-1),
        ...asIfNothingHappened(scene),
      });
      expect(story.length).toBeLessThanOrEqual(1);
    }
  },
  limitMs,
);

for (const mode of ["drop", "hold"] as const) {
  test(
    `kill -9 when a message ${mode === "drop" ? "has left the runner" : "has reached the server"}`,
    async () => {
      const messages = await messagesOfRun();
      let kills = 0;
      for (const nth of pointsOf(messages, isLong ? 120 : 3)) {
        await using database = await scene.copy();
        const url = new URL(database.url);
        await using proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
        url.hostname = proxy.host;
        url.port = String(proxy.port);
        const runner = startRunner({ ...scene.order(database), url: url.toString() });
        const struck = proxy.strike({ mode, nth }).then(runner.kill);
        const { killed } = await Promise.race([runner.end, struck.then(() => runner.end)]);
        await proxy.close();
        const { story, ...settled } = await scene.settle(database);
        if (killed) kills++;
        expect({ seed, mode, nth, ...settled }).toEqual({
          seed,
          mode,
          nth,
          ...asIfNothingHappened(scene),
        });
        expect(story.length).toBeLessThanOrEqual(1);
      }
      // A run that looks less often at what it waits for sends fewer messages than the one that was counted.
      expect(kills).toBeGreaterThan(0);
    },
    limitMs,
  );
}

/** How many messages a run sends that nobody disturbs. */
async function messagesOfRun(): Promise<number> {
  await using database = await scene.copy();
  const url = new URL(database.url);
  await using proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
  url.hostname = proxy.host;
  url.port = String(proxy.port);
  const { exitCode } = await startRunner({ ...scene.order(database), url: url.toString() }).end;
  expect(exitCode).toBe(0);
  return proxy.seen;
}
