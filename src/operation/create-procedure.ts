/** createProcedure: makes a procedure. Its body is not looked into, for it may name what is made later. */
import { createRoutineKind } from "./routine-kind.ts";

export const createProcedure = createRoutineKind("procedure", [
  {
    name: "with a body that names a table not there yet",
    before: "",
    op: {
      routine: {
        kind: "procedure",
        schema: "public",
        name: "clean",
        arguments: "",
        definition:
          "CREATE OR REPLACE PROCEDURE public.clean()\n LANGUAGE sql\nAS $procedure$delete from public.later$procedure$\n",
      },
    },
    after: "set check_function_bodies to off; create procedure clean() language sql as 'delete from public.later'",
  },
  {
    name: "with outputs and a comment",
    before: "",
    op: {
      routine: {
        kind: "procedure",
        schema: "public",
        name: "count_it",
        arguments: "integer",
        parameters: [
          { type: "integer", name: "a", mode: "inout" },
          { type: "integer", name: "b", mode: "out" },
        ],
        definition:
          "CREATE OR REPLACE PROCEDURE public.count_it(INOUT a integer, OUT b integer)\n LANGUAGE plpgsql\nAS $procedure$ begin b := a; end $procedure$\n",
        comment: "counts",
      },
    },
    after: `create procedure count_it(inout a int, out b int) language plpgsql as ' begin b := a; end ';
      comment on procedure count_it(int) is 'counts'`,
  },
  {
    name: "quoted names, with its owner's rights",
    before: `create schema "App"`,
    op: {
      routine: {
        kind: "procedure",
        schema: "App",
        name: "Do It",
        arguments: "",
        definition:
          'CREATE OR REPLACE PROCEDURE "App"."Do It"()\n LANGUAGE plpgsql\n SECURITY DEFINER\nAS $procedure$ begin null; end $procedure$\n',
      },
    },
    after: `create schema "App"; create procedure "App"."Do It"() language plpgsql security definer as ' begin null; end '`,
  },
]);
