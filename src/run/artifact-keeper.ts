/** What a run tells whoever keeps the list of artifacts, in the very transaction that sets something aside or gives it back. */
import type { Session, TextRow } from "../pg/session.ts";
import type { ArtifactMark } from "../sql/artifact.ts";

/** The step that is at work. */
export interface ArtifactPlace {
  readonly migration: string;
  readonly step: number;
}

export interface ArtifactKeeper {
  /** before the statements of a marked segment; throwing rolls everything back */
  begin(tx: Session, place: ArtifactPlace, mark: ArtifactMark): Promise<void>;
  /** after them; `answer` is the first row of the last one's result, where it has one */
  end(tx: Session, place: ArtifactPlace, mark: ArtifactMark, answer: TextRow | undefined): Promise<void>;
}
