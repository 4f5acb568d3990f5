/** dropFunction: removes a function. */
import { dropRoutineKind } from "./routine-kind.ts";

export const dropFunction = dropRoutineKind("function", [
  {
    name: "without arguments, with a comment",
    before: "create function one() returns int language sql as 'select 1'; comment on function one() is 'x'",
    op: { schema: "public", name: "one", arguments: "" },
    after: "",
  },
  {
    name: "one of two of the same name",
    before: `create function f(int, text) returns int language sql as 'select 1';
      create function f(int, "char") returns int language sql as 'select 2'`,
    op: { schema: "public", name: "f", arguments: "integer, text" },
    after: `create function f(int, "char") returns int language sql as 'select 2'`,
  },
  {
    name: "with outputs, quoted names",
    before: `create schema "App"; create type "App"."Mood" as enum ('ok');
      create function "App"."How Is It"(inout a "App"."Mood", out b int) language sql as $$ select 'ok'::"App"."Mood", 1 $$`,
    op: { schema: "App", name: "How Is It", arguments: '"App"."Mood"' },
    after: `create schema "App"; create type "App"."Mood" as enum ('ok')`,
  },
]);
