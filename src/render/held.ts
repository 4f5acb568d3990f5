/** A migration that a run left for a later one, as lines: why, and the command that applies it. */
import { type Line, line, outside, span } from "./line.ts";

interface HeldView {
  readonly migration: string;
  readonly expand: string;
  readonly object: string;
}

/** What waits, and what it waits for. */
export function renderHeld({ migration, expand, object }: HeldView): Line[] {
  return [
    line(outside(migration, "title"), span(" waits for a run of its own", "warn")),
    line(
      "  ",
      span("it ends what ", "dim"),
      outside(expand, "dim"),
      span(" began for two versions of the application: ", "dim"),
      outside(object),
    ),
    line("  ", span("once the old version runs nowhere any more: ", "dim"), span("zanith migrate up", "accent")),
  ];
}
