/** Typed access to merged connection keywords, with the messages for values that cannot be used. Never repeats a value. */
import { type ToolError, toolError } from "../base/errors.ts";
import { harmless, type Keyword, keywordVariables, type StatedSettings } from "./connection-keywords.ts";

/** A file as the settings need it; permissions as in stat(2). */
export interface ReadFile {
  readonly text: string;
  readonly mode: number;
  readonly ownerId: number;
}

/** Gives a file's content, or undefined when it is absent or unreadable. */
export type FileReader = (path: string) => ReadFile | undefined;

export interface SettingsReader {
  text(keyword: Keyword): string | undefined;
  /** A whole number; a value that is not one is an error. */
  integer(keyword: Keyword): number | undefined;
  choice<T extends string>(keyword: Keyword, choices: readonly T[], otherwise: T): T;
  invalid(keyword: Keyword, why: string, next: string): ToolError;
}

/** A reader over merged keywords. Refuses at once any value that asks for something this tool cannot do. */
export function settingsReader(settings: StatedSettings): SettingsReader {
  const invalid = (keyword: Keyword, why: string, next: string) =>
    toolError({
      code: "connection_settings_invalid",
      what: `the connection setting ${settings.get(keyword)?.place ?? keyword} cannot be used`,
      why,
      state: "nothing was connected to",
      next,
    });
  for (const [keyword, { value }] of settings) {
    const accepted = harmless[keyword];
    if (!accepted || accepted.includes(value)) continue;
    const supported = accepted.length > 0 ? `; only ${accepted.join(", ")} can be honoured` : "";
    throw invalid(keyword, `this tool does not implement ${keyword}${supported}`, unset(keyword));
  }
  return {
    text: (keyword) => settings.get(keyword)?.value,
    integer(keyword) {
      const value = settings.get(keyword)?.value.trim();
      if (value === undefined) return undefined;
      if (!/^[+-]?\d{1,9}$/.test(value)) throw invalid(keyword, "it is not a whole number", "give a whole number");
      return Number(value);
    },
    choice(keyword, choices, otherwise) {
      const value = settings.get(keyword)?.value;
      if (value === undefined) return otherwise;
      const chosen = choices.find((choice) => choice === value);
      if (chosen === undefined) {
        throw invalid(keyword, `it is none of ${choices.join(", ")}`, `use one of ${choices.join(", ")}`);
      }
      return chosen;
    },
    invalid,
  };
}

function unset(keyword: Keyword): string {
  const variable = keywordVariables[keyword];
  return variable === "" ? `remove ${keyword}` : `remove ${keyword}, or unset ${variable}`;
}
