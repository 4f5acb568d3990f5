/** Version and commit: written in by the build, read from package.json when run from source. */
import manifest from "../../package.json" with { type: "json" };

declare const ZANITH_VERSION: string | undefined;
declare const ZANITH_COMMIT: string | undefined;

export interface Version {
  readonly version: string;
  /** short commit id; `source` when it was not built */
  readonly commit: string;
}

export const version: Version = {
  version: typeof ZANITH_VERSION === "string" ? ZANITH_VERSION : manifest.version,
  commit: typeof ZANITH_COMMIT === "string" ? ZANITH_COMMIT : "source",
};
