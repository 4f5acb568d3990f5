/**
 * The life of one connection to one backend: calls in flight, deadlines, notices, cancelling, and its one death. A dead
 * backend stays dead: nothing here ever reconnects. Knows nothing of transactions.
 */
import type { Socket } from "node:net";
import type { HostSettings } from "../config/connection.ts";
import type { TlsSettings } from "../config/connection-tls.ts";
import type { Driver, DriverResult } from "./driver.ts";
import { fatalMessage, isDriverError, type Place, type ServerMessage, serverMessage } from "./errors.ts";
import { openSocket } from "./socket.ts";

/** Why a call can no longer be answered. Internal to pg/; becomes a ToolError in session.ts. */
export interface Loss {
  readonly lost: true;
  readonly why: string;
  /** What the server said last, when it said something. */
  readonly message: ServerMessage | undefined;
}

/** Recognises what `Backend.exchange` rejects with when the connection is gone. */
export function isLoss(value: unknown): value is Loss {
  return typeof value === "object" && value !== null && "lost" in value && value.lost === true;
}

/** The parts a backend is made of, and what is needed to reach it again for a cancel request. */
export interface BackendParts {
  readonly socket: Socket;
  readonly encrypted: boolean;
  readonly host: HostSettings;
  readonly tls: TlsSettings;
  readonly place: Place;
}

export interface ExchangeOptions {
  /** Give up on an answer after this time; without it the wait ends with the connection. */
  readonly deadlineMs?: number | undefined;
  /** Whether to ask the server to cancel when the deadline passes. Never for COMMIT. */
  readonly cancelAtDeadline?: boolean;
}

/** How long a cancel request may take, from dialling to the server hanging up. */
const cancelLimitMs = 5_000;

/** How long closing may take before the socket is destroyed. */
const closeLimitMs = 5_000;

/** Where the backend stood when it was asked to stop, for telling our own cancel from a timeout. */
interface Call {
  readonly reject: (reason: unknown) => void;
  cancelled: boolean;
}

/** An answer to a call that was cancelled by this process. */
export interface CancelledCall {
  readonly cancelledHere: true;
  readonly message: ServerMessage;
}

/** Recognises a statement that this process itself cancelled. */
export function isCancelledCall(value: unknown): value is CancelledCall {
  return typeof value === "object" && value !== null && "cancelledHere" in value;
}

export class Backend {
  readonly place: Place;
  readonly #parts: BackendParts;
  readonly #noticeListeners = new Set<(notice: ServerMessage) => void>();
  readonly #closedListeners = new Set<(loss: Loss | undefined) => void>();
  readonly #calls = new Set<Call>();
  #driver: Driver | undefined;
  #loss: Loss | undefined;
  #closing = false;
  #lastBytes: Uint8Array | undefined;
  #key: { readonly pid: number; readonly secret: number } | undefined;

  constructor(parts: BackendParts) {
    this.#parts = parts;
    this.place = parts.place;
    // Attached before the driver's own listeners, which it removes all together when the socket closes.
    parts.socket.on("data", (bytes: Uint8Array) => {
      this.#lastBytes = bytes;
    });
    parts.socket.on("close", () => this.#die("the server closed the connection"));
    parts.socket.on("error", (error) => this.#die(error.message));
  }

  /** Puts the protocol onto the socket; must be called once, before any exchange. */
  attach(driver: Driver): void {
    this.#driver = driver;
  }

  get alive(): boolean {
    return this.#loss === undefined && !this.#closing;
  }

  /** Hands a notice of the server to the listeners; what they throw is theirs and changes nothing here. */
  notice(fields: unknown): void {
    const message = serverMessage(fields);
    if (!message) return;
    for (const listener of this.#noticeListeners) {
      try {
        listener(message);
      } catch {
        // A listener that fails must not break the protocol stream it is called from.
      }
    }
  }

  onNotice(listener: (notice: ServerMessage) => void): () => void {
    this.#noticeListeners.add(listener);
    return () => this.#noticeListeners.delete(listener);
  }

  /** Calls the listener once, when the connection is lost (with the loss) or closed on purpose (without). */
  onClosed(listener: (loss: Loss | undefined) => void): () => void {
    this.#closedListeners.add(listener);
    return () => this.#closedListeners.delete(listener);
  }

  /** Sends one statement. @throws Loss, CancelledCall or the driver's error object */
  exchange(text: string, parameters: readonly (string | null)[], options: ExchangeOptions = {}): Promise<DriverResult> {
    const driver = this.#driver;
    if (!driver || this.#loss || this.#closing) return Promise.reject(this.#loss ?? closedOnPurpose);
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const call: Call = {
        cancelled: false,
        reject: (reason) => {
          clearTimeout(timer);
          this.#calls.delete(call);
          reject(reason);
        },
      };
      this.#calls.add(call);
      if (options.deadlineMs !== undefined) {
        timer = setTimeout(() => this.#giveUp(options), options.deadlineMs);
      }
      driver.send(text, parameters).then(
        (result) => {
          clearTimeout(timer);
          this.#calls.delete(call);
          this.#key ??= { pid: result.keyPid, secret: result.keySecret };
          resolve(result);
        },
        (error: unknown) => this.#failed(call, error),
      );
    });
  }

  /** Asks the server to cancel what this backend is doing, over a second short connection. @throws SocketFailure */
  async cancel(): Promise<void> {
    if (!this.alive || !this.#key) return;
    for (const call of this.#calls) call.cancelled = true;
    await sendCancel(this.#parts, this.#key);
  }

  /** Gives the backend up at once, for a reason that every call then reports. */
  abandon(why: string): void {
    this.#die(why);
    this.#parts.socket.destroy();
  }

  /** Says goodbye and closes. Never throws; a second call does nothing. */
  async close(): Promise<void> {
    if (this.#closing || this.#loss) return;
    this.#closing = true;
    await this.#driver?.end(closeLimitMs);
    this.#parts.socket.destroy();
    this.#die("the session was closed");
  }

  #giveUp(options: ExchangeOptions): void {
    const key = this.#key;
    // Best effort: the connection is given up whether or not the request arrives.
    if (options.cancelAtDeadline && key) sendCancel(this.#parts, key).catch(() => {});
    this.abandon(`no answer within ${options.deadlineMs} ms`);
  }

  #failed(call: Call, error: unknown): void {
    if (!this.#calls.has(call)) return;
    const message = serverMessage(error);
    if (message) {
      call.reject(call.cancelled && message.sqlstate === "57014" ? { cancelledHere: true, message } : error);
      return;
    }
    if (this.#key === undefined) {
      // While connecting the caller words the failure itself.
      call.reject(error);
      return;
    }
    // An error of the package itself, or a bug: either way the stream cannot be trusted any more.
    if (!isDriverError(error)) call.reject(error);
    this.abandon(error instanceof Error ? error.message : "the connection failed");
  }

  #die(why: string): void {
    if (this.#loss) return;
    const loss: Loss = { lost: true, why, message: fatalMessage(this.#lastBytes) };
    this.#loss = loss;
    for (const call of [...this.#calls]) call.reject(loss);
    const reason = this.#closing ? undefined : loss;
    for (const listener of [...this.#closedListeners]) listener(reason);
    this.#closedListeners.clear();
  }
}

const closedOnPurpose: Loss = { lost: true, why: "the session was closed", message: undefined };

/** CancelRequest (PostgreSQL protocol): length 16, code 80877102, process id, secret. The server only hangs up. */
async function sendCancel(parts: BackendParts, key: { readonly pid: number; readonly secret: number }): Promise<void> {
  // A name with several addresses must not lead to another server this time.
  const address = parts.socket.remoteAddress ?? parts.host.address;
  const { socket } = await openSocket(
    { ...parts.host, address },
    parts.tls,
    parts.encrypted ? "always" : "never",
    cancelLimitMs,
  );
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(80877102, 4);
  request.writeInt32BE(key.pid | 0, 8);
  request.writeInt32BE(key.secret | 0, 12);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => socket.destroy(), cancelLimitMs);
    socket.on("error", () => {});
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.resume();
    socket.write(request);
  });
}
