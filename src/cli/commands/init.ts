/** `zanith init`: a configuration, a declared schema and a baseline snapshot beside a live database. */
import { exitCode } from "../../base/errors.ts";
import { line, outside, span } from "../../render/line.ts";
import { init as runInit } from "../../usecase/init.ts";
import { defineCommand } from "../command.ts";
import { flag, text } from "../options.ts";
import { noteUnmodelled } from "./shared.ts";

export const init = defineCommand({
  path: "init",
  summary: "configuration, declared schema and baseline snapshot of a live database",
  details: [
    "Writes zanith.config.json, the schema as SQL and the migrations folder, makes the five audit tables and stores a",
    "baseline snapshot in them. Files that are there already are left alone.",
  ],
  options: {
    schema: text("--schema <file>", "file for the declared schema (default schema.sql)"),
    offline: flag("--offline", "files only, without a database"),
  },
  examples: [
    { command: "zanith init --mode development", says: "begin beside the database that the environment names" },
    { command: "zanith init --offline", says: "begin with an empty schema" },
  ],
  exitCodes: { 5: "the database could not be reached" },
  async run({ options, output, run, workspace: open }) {
    const workspace = await open();
    const result = await runInit(
      workspace,
      {
        ...(options.schema === undefined ? {} : { schemaPath: options.schema }),
        ...(options.offline ? { offline: true } : {}),
      },
      run,
    );
    if (output.json) output.result({ ...result, mode: workspace.config.mode });
    else {
      const { glyphs } = output;
      const { files, kept, baseline } = result;
      output.print([
        ...files.map((file) => line(span(`${glyphs.applied} `, "ok"), outside(file), span("   written", "dim"))),
        ...kept.map((file) =>
          line(span(`${glyphs.open} `, "dim"), outside(file), span("   was there, left alone", "dim")),
        ),
        ...(baseline === undefined
          ? []
          : [
              line(
                span(`${glyphs.applied} `, "ok"),
                outside(baseline.migration),
                span(`   baseline snapshot: ${baseline.models} model(s), ${baseline.relations} relation(s)`, "dim"),
              ),
            ]),
        line(span("mode: ", "dim"), workspace.config.mode),
        line(span("next: ", "dim"), span("change the schema file, then: zanith migrate generate", "accent")),
      ]);
      noteUnmodelled(output, baseline?.unmodelled ?? []);
    }
    return exitCode.done;
  },
});
