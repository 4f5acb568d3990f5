/** Completion scripts for three shells, made from the commands' data. Descriptions stay out of bash, which has no place for them. */
import type { AnyCommand, CommandGroup } from "./command.ts";
import { globalOptions } from "./global-options.ts";
import { longFlag, type OptionSpec } from "./options.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

interface Node {
  readonly path: string;
  readonly summary: string;
  readonly words: readonly { readonly word: string; readonly says: string }[];
  readonly options: readonly OptionSpec<unknown>[];
}

/** The script that a shell sources. */
export function completionScript(
  shell: Shell,
  commands: readonly AnyCommand[],
  groups: readonly CommandGroup[],
): string {
  const nodes = completionNodes(commands, groups);
  switch (shell) {
    case "bash":
      return bashScript(nodes);
    case "zsh":
      return zshScript(nodes);
    case "fish":
      return fishScript(nodes);
  }
}

/** What can follow each path: the empty one, each group and each command. */
function completionNodes(commands: readonly AnyCommand[], groups: readonly CommandGroup[]): Node[] {
  const top = commands.filter(({ path }) => !path.includes(" "));
  const under = ({ name }: CommandGroup): AnyCommand[] => commands.filter(({ path }) => path.startsWith(`${name} `));
  const wordOf = ({ path, summary }: AnyCommand): { word: string; says: string } => ({
    word: path.split(" ").at(-1) ?? "",
    says: summary,
  });
  return [
    {
      path: "",
      summary: "",
      words: [...top.map(wordOf), ...groups.map(({ name, summary }) => ({ word: name, says: summary }))],
      options: [],
    },
    ...groups.map((group) => ({
      path: group.name,
      summary: group.summary,
      words: under(group).map(wordOf),
      options: [],
    })),
    ...commands.map(({ path, summary, options }) => ({ path, summary, words: [], options: Object.values(options) })),
  ];
}

const flagsOf = (options: readonly OptionSpec<unknown>[]): string[] => options.map(({ flags }) => longFlag(flags));
const globals: readonly OptionSpec<unknown>[] = Object.values(globalOptions);
const valuedFlags = (nodes: readonly Node[]): string[] => [
  ...new Set(flagsOf([...globals, ...nodes.flatMap(({ options }) => options)].filter(({ isFlag }) => !isFlag))),
];

function bashScript(nodes: readonly Node[]): string {
  const cases = nodes.map(
    ({ path, words, options }) =>
      `    "${path}") candidates="${[...words.map(({ word }) => word), ...flagsOf(options)].join(" ")}" ;;`,
  );
  return `# zanith completion for bash
_zanith() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" candidates="" word index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case "\${COMP_WORDS[index - 1]}" in ${valuedFlags(nodes).join("|")}) continue ;; esac
    case "$word" in -*) continue ;; esac
    case "\${path:+$path }$word" in ${nodes
      .filter(({ path }) => path !== "")
      .map(({ path }) => `"${path}"`)
      .join("|")}) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$candidates ${flagsOf(globals).join(" ")}" -- "$current"))
}
complete -o default -F _zanith zanith
`;
}

function zshScript(nodes: readonly Node[]): string {
  const cases = nodes.map(({ path, words, options }) => {
    const entries = [
      ...words.map(({ word, says }) => `${word}:${says}`),
      ...options.map(({ flags, description }) => `${longFlag(flags)}:${description}`),
    ];
    return `    "${path}") candidates=(${entries.map(singleQuoted).join(" ")}) ;;`;
  });
  const general = globals.map(({ flags, description }) => singleQuoted(`${longFlag(flags)}:${description}`));
  return `#compdef zanith
# zanith completion for zsh
_zanith() {
  local path_words="" word index
  local -a candidates globals
  for ((index = 2; index < CURRENT; index++)); do
    word="\${words[index]}"
    case "\${words[index - 1]}" in ${valuedFlags(nodes).join("|")}) continue ;; esac
    case "$word" in -*) continue ;; esac
    case "\${path_words:+$path_words }$word" in ${nodes
      .filter(({ path }) => path !== "")
      .map(({ path }) => `"${path}"`)
      .join("|")}) path_words="\${path_words:+$path_words }$word" ;; esac
  done
  globals=(${general.join(" ")})
  case "$path_words" in
${cases.join("\n")}
  esac
  _describe 'command or option' candidates -- globals || _files
}
if [ "$funcstack[1]" = "_zanith" ]; then _zanith "$@"; else compdef _zanith zanith; fi
`;
}

function fishScript(nodes: readonly Node[]): string {
  const lines = ["# zanith completion for fish"];
  for (const { flags, description, isFlag } of globals) {
    lines.push(
      `complete -c zanith -l ${longFlag(flags).slice(2)}${isFlag ? "" : " -r"} -d ${singleQuoted(description)}`,
    );
  }
  for (const { path, words, options } of nodes) {
    const condition = singleQuoted(
      conditionOf(
        path,
        words.map(({ word }) => word),
      ),
    );
    for (const { word, says } of words)
      lines.push(`complete -c zanith -n ${condition} -f -a ${word} -d ${singleQuoted(says)}`);
    for (const { flags, description, isFlag } of options) {
      lines.push(
        `complete -c zanith -n ${condition} -l ${longFlag(flags).slice(2)}${isFlag ? "" : " -r"} -d ${singleQuoted(description)}`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

function conditionOf(path: string, words: readonly string[]): string {
  if (path === "") return "__fish_use_subcommand";
  const seen = path.split(" ").map((word) => `__fish_seen_subcommand_from ${word}`);
  return [...seen, ...(words.length > 0 ? [`not __fish_seen_subcommand_from ${words.join(" ")}`] : [])].join("; and ");
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "'\\''")}'`;
}
