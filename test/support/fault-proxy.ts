/**
 * A TCP proxy in front of a Postgres server that loses things on purpose: a message before it is delivered, the answer
 * after it was, or everything from some message on while both ends stay connected.
 */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * before: never delivered, cut · after: delivered, then cut · hold: delivered, and nothing ever comes back · drop: never
 * delivered, nothing ever comes back.
 */
export type FaultMode = "before" | "after" | "hold" | "drop";

export interface Fault {
  readonly mode: FaultMode;
  /** Counts only chunks from clients that match (bytes as latin1); all of them without it. */
  readonly match?: RegExp;
  /** Applies to the nth counted chunk from now; to the first without it. */
  readonly nth?: number;
}

export interface FaultProxy {
  readonly host: string;
  readonly port: number;
  /** Chunks received from clients so far. */
  readonly seen: number;
  /** Everything received from clients so far, as latin1. */
  received(): string;
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
  const chunks: string[] = [];
  let left = 0;

  const server = createServer((client) => {
    const upstream = connect(options.port, options.host);
    let mute = false;
    const cut = () => {
      client.resetAndDestroy();
      upstream.destroy();
    };
    client.on("data", (bytes: Buffer) => {
      const text = bytes.toString("latin1");
      chunks.push(text);
      const fault = armed;
      if (!fault || (fault.match && !fault.match.test(text)) || --left > 0) {
        upstream.write(bytes);
        return;
      }
      armed = undefined;
      if (fault.mode === "before") cut();
      else {
        mute = true;
        if (fault.mode === "after") upstream.once("data", cut);
        if (fault.mode !== "drop") upstream.write(bytes);
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
      return chunks.length;
    },
    received: () => chunks.join(""),
    strike(fault) {
      left = fault.nth ?? 1;
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
