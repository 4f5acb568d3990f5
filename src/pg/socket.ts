/**
 * Opens the byte stream to a server: Unix or TCP socket, then TLS as libpq's sslmode asks. Sends nothing but the TLS
 * request, so no credential has left before the server's identity is settled.
 */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, type TLSSocket } from "node:tls";
import type { HostSettings } from "../config/connection.ts";
import type { TlsSettings } from "../config/connection-tls.ts";

/** Why no stream could be opened: the network, the TLS negotiation, or something that is not Postgres. */
export type SocketFailureKind = "network" | "tls" | "protocol" | "timeout";

/** A failure to open a stream. Internal to pg/; becomes a ToolError in errors.ts. */
export interface SocketFailure {
  readonly socketFailure: SocketFailureKind;
  readonly code: string | undefined;
  readonly message: string;
}

/** An open stream. */
export interface OpenSocket {
  readonly socket: Socket;
  readonly encrypted: boolean;
}

/** How one attempt treats TLS. */
export type TlsUse = "never" | "if offered" | "always";

// Length 8 and the code 80877103 (PostgreSQL protocol, SSLRequest).
const tlsRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Unix sockets never use TLS, whatever is asked, as in libpq. */
export function isUnixSocket(host: HostSettings): boolean {
  return host.address === undefined && host.host.startsWith("/");
}

/** Opens a stream to one host within the time limit. @throws SocketFailure */
export async function openSocket(
  host: HostSettings,
  tls: TlsSettings,
  use: TlsUse,
  limitMs: number,
): Promise<OpenSocket> {
  const unix = isUnixSocket(host);
  const raw = unix
    ? connectTcp({ path: `${host.host}/.s.PGSQL.${host.port}` })
    : connectTcp({ host: host.address ?? host.host, port: host.port });
  let expire: (failure: SocketFailure) => void = () => {};
  const expired = new Promise<never>((_, reject) => {
    expire = reject;
  });
  expired.catch(() => {});
  const timer = setTimeout(
    () => expire(failure("timeout", `no connection within ${limitMs / 1000} s`, "ETIMEDOUT")),
    limitMs,
  );
  try {
    await Promise.race([opened(raw, "connect", "network"), expired]);
    if (unix || use === "never") return { socket: raw, encrypted: false };
    if (!tls.direct) {
      const offered = await Promise.race([askForTls(raw), expired]);
      if (!offered && use === "if offered") return { socket: raw, encrypted: false };
      if (!offered) throw failure("tls", "the server does not offer TLS");
    }
    return { socket: await Promise.race([startTls(raw, host, tls), expired]), encrypted: true };
  } catch (error) {
    // An error that arrives after the verdict must not become an uncaught exception.
    raw.on("error", () => {});
    raw.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Recognises what `openSocket` throws. */
export function isSocketFailure(value: unknown): value is SocketFailure {
  return typeof value === "object" && value !== null && "socketFailure" in value;
}

function failure(kind: SocketFailureKind, message: string, code?: string): SocketFailure {
  return { socketFailure: kind, message, code };
}

function opened(socket: Socket, event: string, kind: SocketFailureKind): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      socket.off("error", failed);
      socket.off("close", closed);
      socket.off(event, succeeded);
    };
    const succeeded = () => {
      done();
      resolve();
    };
    const failed = (error: NodeJS.ErrnoException) => {
      done();
      socket.on("error", () => {});
      reject(failure(kind, error.message || error.code || "the connection failed", error.code));
    };
    const closed = () => {
      done();
      reject(failure(kind, "the server closed the connection", "ECONNRESET"));
    };
    socket.once(event, succeeded);
    socket.once("error", failed);
    socket.once("close", closed);
  });
}

function askForTls(socket: Socket): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const done = () => {
      socket.off("data", answered);
      socket.off("error", failed);
      socket.off("close", closed);
    };
    const answered = (bytes: Buffer) => {
      done();
      // Anything after the one byte was sent before encryption began and cannot be trusted (CVE-2021-23222).
      if (bytes.length !== 1) reject(failure("protocol", "the server sent unexpected bytes before TLS began"));
      else if (bytes[0] === 0x53) resolve(true);
      else if (bytes[0] === 0x4e) resolve(false);
      else reject(failure("protocol", "what answers there does not speak the Postgres protocol"));
    };
    const failed = (error: NodeJS.ErrnoException) => {
      done();
      socket.on("error", () => {});
      reject(failure("network", error.message, error.code));
    };
    const closed = () => {
      done();
      reject(failure("protocol", "the server closed the connection when asked for TLS", "ECONNRESET"));
    };
    socket.on("data", answered);
    socket.once("error", failed);
    socket.once("close", closed);
    socket.write(tlsRequest);
  });
}

async function startTls(raw: Socket, host: HostSettings, tls: TlsSettings): Promise<TLSSocket> {
  const verifies = tls.mode === "verify-ca" || tls.mode === "verify-full";
  const roots = tls.rootCertificates;
  // Without this an empty file would mean the authorities of the runtime.
  if (roots !== undefined && roots !== "system" && !roots.includes("-----BEGIN ")) {
    throw failure("tls", "the file of the root certificate holds no certificate");
  }
  let secure: TLSSocket;
  try {
    secure = connectTls({
      socket: raw,
      rejectUnauthorized: verifies,
      // The name is checked below, against the name the user stated, so that no default of the runtime decides.
      checkServerIdentity: () => undefined,
      minVersion: tls.minVersion,
      ...(tls.maxVersion === undefined ? {} : { maxVersion: tls.maxVersion }),
      ...(roots === undefined || roots === "system" ? {} : { ca: roots }),
      ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
      ...(tls.key === undefined ? {} : { key: tls.key() }),
      ...(tls.keyPassword === undefined ? {} : { passphrase: tls.keyPassword() }),
      ...(tls.sendServerName && isIP(host.host) === 0 ? { servername: host.host } : {}),
      ...(tls.direct ? { ALPNProtocols: ["postgresql"] } : {}),
    });
  } catch (error) {
    throw failure(
      "tls",
      `a certificate or key cannot be used: ${error instanceof Error ? error.message : "unreadable"}`,
    );
  }
  await opened(secure, "secureConnect", "tls");
  if (verifies && !secure.authorized) {
    secure.destroy();
    throw failure("tls", `the server's certificate is not trusted: ${String(secure.authorizationError)}`);
  }
  if (tls.mode === "verify-full") {
    const mismatch = checkServerIdentity(host.host, secure.getPeerCertificate());
    if (mismatch) {
      secure.destroy();
      throw failure("tls", mismatch.message, "ERR_TLS_CERT_ALTNAME_INVALID");
    }
  }
  return secure;
}
