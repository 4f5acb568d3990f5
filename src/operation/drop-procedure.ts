/** dropProcedure: removes a procedure. */
import { dropRoutineKind } from "./routine-kind.ts";

export const dropProcedure = dropRoutineKind("procedure", [
  {
    name: "without arguments",
    before: "create procedure clean() language plpgsql as ' begin null; end '",
    op: { schema: "public", name: "clean", arguments: "" },
    after: "",
  },
  {
    name: "with outputs, with a comment",
    before: `create procedure p(inout a int, out b int) language plpgsql as ' begin b := a; end ';
      comment on procedure p(int) is 'x'`,
    op: { schema: "public", name: "p", arguments: "integer" },
    after: "",
  },
  {
    name: "one of two, quoted names",
    before: `create procedure "P"(a int) language plpgsql as ' begin null; end ';
      create procedure "P"(a text) language plpgsql as ' begin null; end '`,
    op: { schema: "public", name: "P", arguments: "text" },
    after: `create procedure "P"(a int) language plpgsql as ' begin null; end '`,
  },
]);
