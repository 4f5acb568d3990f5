/** `zanith completion bash|zsh|fish`: a completion script made from the commands' own data. */
import { exitCode } from "../../base/errors.ts";
import { type AnyCommand, type CommandGroup, defineCommand } from "../command.ts";
import { completionScript, shells } from "../completion.ts";
import { usageError } from "../options.ts";

/** The command; it completes the commands it is given, itself among them. */
export function completionOf(commands: () => readonly AnyCommand[], groups: readonly CommandGroup[]): AnyCommand {
  return defineCommand({
    path: "completion",
    summary: `completion script for ${shells.join(", ")}`,
    args: [{ name: "shell", description: shells.join(", ") }],
    options: {},
    examples: [
      { command: "source <(zanith completion bash)", says: "in ~/.bashrc" },
      { command: "zanith completion zsh > ~/.zfunc/_zanith", says: "with ~/.zfunc in fpath" },
      { command: "zanith completion fish > ~/.config/fish/completions/zanith.fish", says: "read by the next shell" },
    ],
    readsOnly: true,
    async run({ args, output }) {
      const shell = shells.find((name) => name === args[0]);
      if (shell === undefined)
        throw usageError(
          `${JSON.stringify(args[0] ?? "")} is not a shell with completion here`,
          `they are ${shells.join(", ")}`,
        );
      output.document(completionScript(shell, commands(), groups));
      return exitCode.done;
    },
  });
}
