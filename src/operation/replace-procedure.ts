/** replaceProcedure: another body or other options for a procedure. */
import { replaceRoutineKind } from "./routine-kind.ts";

const clean = (body: string, options = ""): string =>
  `CREATE OR REPLACE PROCEDURE public.clean()\n LANGUAGE plpgsql\n${options}AS $procedure$ begin ${body} end $procedure$\n`;

export const replaceProcedure = replaceRoutineKind("procedure", [
  {
    name: "another body",
    before: "create procedure clean() language plpgsql as ' begin null; end '",
    op: {
      routine: {
        kind: "procedure",
        schema: "public",
        name: "clean",
        arguments: "",
        definition: clean("commit;"),
      },
    },
    after: "create procedure clean() language plpgsql as ' begin commit; end '",
  },
  {
    name: "with its owner's rights, the comment stays",
    before:
      "create procedure clean() language plpgsql as ' begin null; end '; comment on procedure clean() is 'cleans'",
    op: {
      routine: {
        kind: "procedure",
        schema: "public",
        name: "clean",
        arguments: "",
        definition: clean("null;", " SECURITY DEFINER\n"),
      },
    },
    after:
      "create procedure clean() language plpgsql security definer as ' begin null; end '; comment on procedure clean() is 'cleans'",
  },
  {
    name: "a default for a parameter",
    before: `create procedure "Add"(n int) language plpgsql as ' begin null; end '`,
    op: {
      routine: {
        kind: "procedure",
        schema: "public",
        name: "Add",
        arguments: "integer",
        parameters: [{ type: "integer", name: "n", hasDefault: true }],
        definition:
          'CREATE OR REPLACE PROCEDURE public."Add"(IN n integer DEFAULT 2)\n LANGUAGE plpgsql\nAS $procedure$ begin null; end $procedure$\n',
      },
    },
    after: `create procedure "Add"(n int default 2) language plpgsql as ' begin null; end '`,
  },
]);
