/** Turns the ssl keywords into TLS settings with libpq's meaning. Opens no connection and verifies nothing itself. */
import { toolError } from "../base/errors.ts";
import type { FileReader, SettingsReader } from "./connection-reader.ts";

/** libpq's sslmode. `require` with a root certificate has already become `verify-ca` here, as in libpq. */
export type TlsMode = "disable" | "allow" | "prefer" | "require" | "verify-ca" | "verify-full";

const tlsModes: readonly TlsMode[] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

export interface TlsSettings {
  readonly mode: TlsMode;
  /** PEM text, or "system" for the roots this machine trusts; undefined when nothing is verified. */
  readonly rootCertificates: string | undefined;
  readonly certificate: string | undefined;
  /** Behind functions so that printing the settings cannot print them. */
  readonly key: (() => string) | undefined;
  readonly keyPassword: (() => string) | undefined;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion | undefined;
  /** TLS from the first byte on (server 17 and newer) instead of asking first. */
  readonly direct: boolean;
  readonly sendServerName: boolean;
}

export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

const tlsVersions: readonly TlsVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/**
 * The TLS settings stated by keywords and the default files in `~/.postgresql` (root.crt, postgresql.crt,
 * postgresql.key). Without a stated sslmode it is `prefer`, as in libpq, or `verify-full` with sslrootcert=system.
 * @throws ToolError connection_settings_invalid
 */
export function readTlsSettings(reader: SettingsReader, files: FileReader, home: string | undefined): TlsSettings {
  const rootPath = reader.text("sslrootcert");
  const stated = reader.choice("sslmode", tlsModes, rootPath === "system" ? "verify-full" : "prefer");
  if (rootPath === "system" && stated !== "verify-full") {
    throw reader.invalid("sslmode", `sslmode=${stated} is too weak for sslrootcert=system`, "use sslmode=verify-full");
  }
  const defaultFile = (name: string) => (home ? `${home}/.postgresql/${name}` : undefined);
  const verifies = stated === "verify-ca" || stated === "verify-full";
  let rootCertificates: string | undefined;
  if (rootPath === "system") rootCertificates = "system";
  else if (stated === "require" || verifies) {
    const path = rootPath ?? defaultFile("root.crt");
    rootCertificates = path === undefined ? undefined : files(path)?.text;
    if (rootCertificates === undefined && verifies) {
      throw toolError({
        code: "connection_settings_invalid",
        what: `sslmode=${stated} needs the certificate of the authority that signed the server's`,
        why: path === undefined ? "sslrootcert is not set and there is no home directory" : `${path} cannot be read`,
        state: "nothing was connected to",
        next: "set sslrootcert (PGSSLROOTCERT) to a PEM file, or to system for the authorities this machine trusts",
      });
    }
  }
  const direct = reader.choice("sslnegotiation", ["postgres", "direct"], "postgres") === "direct";
  if (direct && (stated === "disable" || stated === "allow" || stated === "prefer")) {
    throw reader.invalid("sslnegotiation", `sslmode=${stated} is too weak for it`, "use sslmode=require or stronger");
  }
  return {
    mode: stated === "require" && rootCertificates !== undefined ? "verify-ca" : stated,
    rootCertificates,
    ...(stated === "disable" ? noClientCertificate : readClientCertificate(reader, files, defaultFile)),
    minVersion: reader.choice("ssl_min_protocol_version", tlsVersions, "TLSv1.2"),
    maxVersion: reader.text("ssl_max_protocol_version")
      ? reader.choice("ssl_max_protocol_version", tlsVersions, "TLSv1.3")
      : undefined,
    direct,
    sendServerName: reader.choice("sslsni", ["0", "1"], "1") === "1",
  };
}

const noClientCertificate = { certificate: undefined, key: undefined, keyPassword: undefined } as const;

function readClientCertificate(
  reader: SettingsReader,
  files: FileReader,
  defaultFile: (name: string) => string | undefined,
): Pick<TlsSettings, "certificate" | "key" | "keyPassword"> {
  if (reader.choice("sslcertmode", ["disable", "allow"], "allow") === "disable") return noClientCertificate;
  const certificatePath = reader.text("sslcert") ?? defaultFile("postgresql.crt");
  const certificate = certificatePath === undefined ? undefined : files(certificatePath)?.text;
  if (certificate === undefined) {
    if (reader.text("sslcert") === undefined) return noClientCertificate;
    throw reader.invalid("sslcert", "the file cannot be read", "name a readable PEM file");
  }
  const keyPath = reader.text("sslkey") ?? defaultFile("postgresql.key");
  const key = keyPath === undefined ? undefined : files(keyPath);
  if (!key) throw reader.invalid("sslkey", "the client certificate has no readable private key", "name its key file");
  // libpq: 0600 or less, or 0640 or less when root owns it.
  if ((key.mode & (key.ownerId === 0 ? 0o027 : 0o077)) !== 0) {
    throw reader.invalid("sslkey", "the key file can be read by others", "chmod 600 the key file");
  }
  const keyText = key.text;
  const password = reader.text("sslpassword");
  return { certificate, key: () => keyText, keyPassword: password === undefined ? undefined : () => password };
}
