/** A TCP server that plays the first moves of a Postgres server badly on purpose, and remembers what it was sent. */
import { type AddressInfo, createServer, type Socket } from "node:net";

export interface FakeServer {
  readonly host: string;
  readonly port: number;
  /** Everything all clients have sent so far. */
  received(): Buffer;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a server that answers the nth chunk of a client with the nth answer, or hangs up where the answer is "close". */
export async function startFakeServer(answers: readonly (Buffer | "close")[]): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  const chunks: Buffer[] = [];
  const server = createServer((socket) => {
    let at = 0;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (bytes: Buffer) => {
      chunks.push(bytes);
      const answer = answers[at++];
      if (answer === "close") socket.destroy();
      else if (answer) socket.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    received: () => Buffer.concat(chunks),
    close,
    [Symbol.asyncDispose]: close,
  };
}
