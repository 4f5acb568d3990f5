/** A Postgres server of a chosen major in a container, for ZANITH_TEST_POSTGRES=docker:<major>. */
import { GenericContainer, getContainerRuntimeClient, Wait } from "testcontainers";

const PORT = 5432;
const USER = "postgres";
const START_LIMIT_MS = 300_000;

/** Starts the official image; testcontainers' own reaper removes it when this process is killed. */
export async function startDockerServer(
  major: number,
): Promise<{ readonly url: string; readonly remove: () => Promise<void> }> {
  try {
    await getContainerRuntimeClient();
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Error(
      `ZANITH_TEST_POSTGRES=docker:${major} needs a running Docker engine that this user may use (${cause}). ` +
        "Without one, unset the variable to use the embedded server.",
    );
  }
  const password = crypto.randomUUID();
  const container = await new GenericContainer(`postgres:${major}`)
    .withEnvironment({ POSTGRES_USER: USER, POSTGRES_PASSWORD: password, TZ: "UTC" })
    .withCommand([
      "postgres",
      ...["fsync=off", "full_page_writes=off"].flatMap((setting) => ["-c", setting]),
      ...["max_connections=200", "max_locks_per_transaction=1024"].flatMap((setting) => ["-c", setting]),
    ])
    .withExposedPorts(PORT)
    // The image starts the server once to initialise it and a second time for good.
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
    .withStartupTimeout(START_LIMIT_MS)
    .start();
  const address = `${container.getHost()}:${container.getMappedPort(PORT)}`;
  return {
    url: `postgres://${USER}:${password}@${address}/postgres`,
    remove: async () => {
      await container.stop();
    },
  };
}
