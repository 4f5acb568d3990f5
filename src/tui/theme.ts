/** Roles as colours of a 16-colour terminal, for dark and light backgrounds and for none. The only place that names colours. */
import type { CellStyle } from "./blessed.ts";
import type { UiRole, UiSpan } from "./text.ts";

export const themeNames = ["dark", "light", "none"] as const;
export type ThemeName = (typeof themeNames)[number];

type Theme = Readonly<Record<UiRole, CellStyle>>;

const [red, green, yellow, blue, magenta, cyan, grey] = [1, 2, 3, 4, 5, 6, 8];

const dark: Theme = {
  plain: {},
  title: { bold: true },
  dim: { color: grey },
  ok: { color: green },
  warn: { color: yellow },
  bad: { color: red },
  sql: { color: cyan },
  code: {},
  accent: { color: cyan },
  border: { color: grey },
  key: { color: cyan, bold: true },
  disabled: { color: grey },
  "level-safe": { color: green },
  "level-low": { color: cyan },
  "level-medium": { color: yellow },
  "level-high": { color: magenta },
  "level-destructive": { color: red },
  "level-blocked": { color: red, bold: true },
};

// Yellow and cyan cannot be read on white; blue can.
const light: Theme = {
  ...dark,
  sql: { color: blue },
  accent: { color: blue },
  key: { color: blue, bold: true },
  warn: { color: magenta },
  "level-low": { color: blue },
  "level-medium": { color: magenta },
  "level-high": { color: magenta, bold: true },
};

const monochrome = Object.fromEntries(
  Object.entries(dark).map(([role, { bold }]) => [role, bold === true ? { bold } : {}]),
) as Theme;

const themes: Readonly<Record<ThemeName, Theme>> = { dark, light, none: monochrome };

/** The style of a span. The row under the cursor is inverse whatever its roles are. */
export function styleOf({ role, selected }: UiSpan, theme: ThemeName): CellStyle {
  return selected === true ? { inverse: true } : themes[theme][role];
}

/**
 * The theme to start with: none where colours are not wanted, ZANITH_THEME where it says so, else what COLORFGBG tells
 * of the background (rxvt and others: `15;0` is light text on dark).
 */
export function chooseTheme(env: Readonly<Record<string, string | undefined>>, color: boolean): ThemeName {
  if (!color) return "none";
  const wanted = themeNames.find((name) => name === env["ZANITH_THEME"]);
  if (wanted !== undefined) return wanted;
  const background = env["COLORFGBG"]?.split(";").at(-1);
  return background === "7" || background === "15" ? "light" : "dark";
}
