/**
 * A TCP proxy in front of a Postgres server that loses things on purpose: a message before it is delivered, the answer
 * after it was, or everything from some message on while both ends stay connected.
 */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** before: never delivered, cut · after: delivered, then cut · hold: delivered, and nothing ever comes back. */
export type FaultMode = "before" | "after" | "hold";

export interface Fault {
  readonly mode: FaultMode;
  /** Applies to the first chunk from a client that matches (bytes as latin1) … */
  readonly match?: RegExp;
  /** … or to the nth chunk from now, counted from 1. */
  readonly nth?: number;
}

export interface FaultProxy {
  readonly host: string;
  readonly port: number;
  /** Chunks received from clients so far. */
  readonly seen: number;
  /** Arms one fault; resolves when it has struck. */
  strike(fault: Fault): Promise<void>;
  /** Takes an armed fault back and lets held connections go on losing what they lost. */
  disarm(): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface FaultProxyOptions {
  readonly host: string;
  readonly port: number;
  /** Changes what the server says, for instance as a pooler would. */
  readonly fromServer?: (bytes: Buffer) => Buffer;
}

/** Starts a proxy on a free port of the loopback address. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let armed: (Fault & { readonly struck: () => void }) | undefined;
  let seen = 0;
  let seenWhenArmed = 0;

  const server = createServer((client) => {
    const upstream = connect(options.port, options.host);
    let mute = false;
    const cut = () => {
      client.resetAndDestroy();
      upstream.destroy();
    };
    client.on("data", (bytes: Buffer) => {
      seen++;
      const fault = armed;
      const text = bytes.toString("latin1");
      if (!fault || !(fault.match?.test(text) || fault.nth === seen - seenWhenArmed)) {
        upstream.write(bytes);
        return;
      }
      armed = undefined;
      if (fault.mode === "before") cut();
      else {
        mute = true;
        if (fault.mode === "after") upstream.once("data", cut);
        upstream.write(bytes);
      }
      fault.struck();
    });
    upstream.on("data", (bytes: Buffer) => {
      if (!mute) client.write(options.fromServer ? options.fromServer(bytes) : bytes);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    get seen() {
      return seen;
    },
    strike(fault) {
      seenWhenArmed = seen;
      return new Promise((resolve) => {
        armed = { ...fault, struck: resolve };
      });
    },
    disarm() {
      armed = undefined;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
