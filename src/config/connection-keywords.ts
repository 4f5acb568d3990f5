/**
 * The connection keywords of libpq (18) and what this tool does with each: where its value may come from and whether a
 * value can be honoured. Knows nothing of URLs, files or precedence.
 */

/** Keywords whose value is used. Environment variables are those of libpq; empty means it has none. */
export const keywordVariables = {
  host: "PGHOST",
  hostaddr: "PGHOSTADDR",
  port: "PGPORT",
  dbname: "PGDATABASE",
  user: "PGUSER",
  password: "PGPASSWORD",
  passfile: "PGPASSFILE",
  service: "PGSERVICE",
  servicefile: "PGSERVICEFILE",
  options: "PGOPTIONS",
  application_name: "PGAPPNAME",
  fallback_application_name: "",
  connect_timeout: "PGCONNECT_TIMEOUT",
  target_session_attrs: "PGTARGETSESSIONATTRS",
  sslmode: "PGSSLMODE",
  sslnegotiation: "PGSSLNEGOTIATION",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  sslpassword: "",
  sslcertmode: "PGSSLCERTMODE",
  sslsni: "PGSSLSNI",
  ssl_min_protocol_version: "PGSSLMINPROTOCOLVERSION",
  ssl_max_protocol_version: "PGSSLMAXPROTOCOLVERSION",
  keepalives: "",
  keepalives_idle: "",
  // Accepted only with a value that asks for nothing this tool cannot do; see `harmless`.
  channel_binding: "PGCHANNELBINDING",
  gssencmode: "PGGSSENCMODE",
  require_auth: "PGREQUIREAUTH",
  requirepeer: "PGREQUIREPEER",
  sslcrl: "PGSSLCRL",
  sslcrldir: "PGSSLCRLDIR",
  sslcompression: "PGSSLCOMPRESSION",
  load_balance_hosts: "PGLOADBALANCEHOSTS",
  client_encoding: "PGCLIENTENCODING",
  min_protocol_version: "PGMINPROTOCOLVERSION",
  max_protocol_version: "PGMAXPROTOCOLVERSION",
  replication: "",
} as const;

export type Keyword = keyof typeof keywordVariables;

/** Values of keywords without an implementation that change nothing here; any other value of these is refused. */
export const harmless: Readonly<Partial<Record<Keyword, readonly string[]>>> = {
  channel_binding: ["prefer", "disable"],
  gssencmode: ["prefer", "disable"],
  require_auth: [],
  requirepeer: [],
  sslcrl: [],
  sslcrldir: [],
  sslcompression: ["0"],
  load_balance_hosts: ["disable"],
  client_encoding: ["auto", "UTF8", "utf8", "UTF-8", "utf-8"],
  min_protocol_version: ["3.0"],
  max_protocol_version: ["3.0", "3.2", "latest"],
  replication: ["false", "off", "no", "0"],
};

/** Whether a text names a keyword of the table above. */
export function isKeyword(name: string): name is Keyword {
  return Object.hasOwn(keywordVariables, name);
}

/** A value and where it was stated, for messages; the place never contains the value. */
export interface StatedValue {
  readonly value: string;
  readonly place: string;
}

/** Keyword values of one origin, or merged from several. An empty text counts as not stated, as in libpq. */
export type StatedSettings = ReadonlyMap<Keyword, StatedValue>;
