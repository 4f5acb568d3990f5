/** What a run is configured with, after flags, environment and file have been weighed. Holds no password. */
import type { DropMode } from "../diff/keep-drops.ts";
import type { Mode } from "../risk/modes.ts";

export interface Config {
  /** folder of migration files, absolute */
  readonly dir: string;
  /** the declared schema: a source, relative paths already resolved; undefined until init or --to names one */
  readonly schema?: string;
  readonly mode: Mode;
  /** schema of the five tables */
  readonly auditSchema: string;
  /** `--shadow`: a server URL, or the name of a topology; undefined for a throwaway database on the same server */
  readonly shadow?: string;
  /** gate settings from the file; flags of a command outrank them, the mode's defaults come last */
  readonly maxRisk?: number;
  readonly allowDestructive?: boolean;
  readonly failOn?: readonly string[];
  readonly lockTimeoutMs: number;
  /** the schema of one tenant, which migrations call {schema}; the rest of the database is not looked at */
  readonly tenant?: string;
  /** what `generate` makes of drops; archived unless said */
  readonly drops?: DropMode;
  /** whether `diff` and `generate` compare who owns what; never unless said */
  readonly owners?: boolean;
  /** days that what is archived or renamed out of the way is counted on; without end unless said */
  readonly retentionDays?: number;
  /** what comparisons are about; everything unless said */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** the file it came from, for messages; undefined when there is none */
  readonly file?: string;
}
