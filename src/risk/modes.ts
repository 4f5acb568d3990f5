/** The three safety modes and the defaults they set for the gates. */

export const modes = ["development", "staging", "production"] as const;
export type Mode = (typeof modes)[number];

/** What consent and ceilings a run has: mode defaults, then configuration, then flags. */
export interface GateSettings {
  /** highest score allowed; undefined for no ceiling */
  readonly maxRisk?: number;
  readonly allowDestructive: boolean;
  readonly failOn: readonly string[];
  readonly requireVerified: boolean;
  readonly requireConfirmation: boolean;
}

/** The defaults of a mode. Drops always ask for consent; gates 5 and 7 are off in development. */
export function modeDefaults(mode: Mode): GateSettings {
  const common = { allowDestructive: false, failOn: [] };
  switch (mode) {
    case "development":
      return { ...common, requireVerified: false, requireConfirmation: false };
    case "staging":
      return { ...common, maxRisk: 80, requireVerified: true, requireConfirmation: true };
    case "production":
      return { ...common, maxRisk: 60, requireVerified: true, requireConfirmation: true };
  }
}
