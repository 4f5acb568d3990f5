/** replaceFunction: another body, other options or further defaults for a function, while everything that calls it stays. */
import { replaceRoutineKind } from "./routine-kind.ts";

const one = (body: string, options = ""): string =>
  `CREATE OR REPLACE FUNCTION public.one()\n RETURNS integer\n LANGUAGE sql\n${options}AS $function$${body}$function$\n`;

export const replaceFunction = replaceRoutineKind("function", [
  {
    name: "another body, under a default that calls it",
    before:
      "create function one() returns int language sql as 'select 0'; create table users (id int default one()); comment on function one() is 'x'",
    op: {
      routine: {
        kind: "function",
        schema: "public",
        name: "one",
        arguments: "",
        returns: "integer",
        definition: one("select 1"),
      },
    },
    after:
      "create function one() returns int language sql as 'select 1'; create table users (id int default one()); comment on function one() is 'x'",
  },
  {
    name: "other options",
    before: "create function one() returns int language sql as 'select 1'",
    op: {
      routine: {
        kind: "function",
        schema: "public",
        name: "one",
        arguments: "",
        returns: "integer",
        definition: one("select 1", " IMMUTABLE PARALLEL SAFE SECURITY DEFINER COST 5\n SET search_path TO 'app'\n"),
      },
    },
    after:
      "create function one() returns int language sql immutable parallel safe cost 5 security definer set search_path = app as 'select 1'",
  },
  {
    name: "a name and a default for a parameter, quoted names",
    before: `create function "Add It"(int) returns int language sql as 'select $1'`,
    op: {
      routine: {
        kind: "function",
        schema: "public",
        name: "Add It",
        arguments: "integer",
        parameters: [{ type: "integer", name: "More", hasDefault: true }],
        returns: "integer",
        definition: `CREATE OR REPLACE FUNCTION public."Add It"("More" integer DEFAULT 1)\n RETURNS integer\n LANGUAGE sql\nAS $function$select $1$function$\n`,
      },
    },
    after: `create function "Add It"("More" int default 1) returns int language sql as 'select $1'`,
  },
]);
