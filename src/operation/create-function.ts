/** createFunction: makes a function. Its body is not looked into, for it may name what is made later. */
import { createRoutineKind } from "./routine-kind.ts";

export const createFunction = createRoutineKind("function", [
  {
    name: "in SQL, with a default",
    before: "",
    op: {
      routine: {
        kind: "function",
        schema: "public",
        name: "area",
        arguments: "integer, integer",
        parameters: [
          { type: "integer", name: "width" },
          { type: "integer", name: "height", hasDefault: true },
        ],
        returns: "integer",
        definition:
          "CREATE OR REPLACE FUNCTION public.area(width integer, height integer DEFAULT 1)\n RETURNS integer\n LANGUAGE sql\n IMMUTABLE\nAS $function$select width * height$function$\n",
      },
    },
    after:
      "create function area(width int, height int default 1) returns int language sql immutable as 'select width * height'",
  },
  {
    name: "with its owner's rights, quoted names, a comment, and a body that names a table not there yet",
    before: 'create schema "App"',
    op: {
      routine: {
        kind: "function",
        schema: "App",
        name: "Who Is It",
        arguments: "",
        returns: "SETOF text",
        definition:
          'CREATE OR REPLACE FUNCTION "App"."Who Is It"()\n RETURNS SETOF text\n LANGUAGE sql\n SECURITY DEFINER\n SET search_path TO \'\'\nAS $function$ select name from "App".later where note = (ARRAY[\'a\'::character varying])::text[] $function$\n',
        comment: "it's them",
      },
    },
    after: `create schema "App"; set check_function_bodies to off;
      create function "App"."Who Is It"() returns setof text language sql security definer set search_path = ''
        as ' select name from "App".later where note = (ARRAY[''a''::character varying])::text[] ';
      comment on function "App"."Who Is It"() is 'it''s them'`,
  },
  {
    name: "for rows of a table, returning a table",
    before: "create type mood as enum ('ok'); create table users (id int)",
    op: {
      routine: {
        kind: "function",
        schema: "public",
        name: "moods",
        arguments: "public.users, public.mood[]",
        parameters: [
          { type: "public.users", name: "who" },
          { type: "public.mood[]", name: "more", mode: "variadic" },
          { type: "integer", name: "id", mode: "table" },
          { type: "public.mood", name: "m", mode: "table" },
        ],
        returns: "TABLE(id integer, m public.mood)",
        definition:
          "CREATE OR REPLACE FUNCTION public.moods(who public.users, VARIADIC more public.mood[])\n RETURNS TABLE(id integer, m public.mood)\n LANGUAGE sql\nAS $function$ select 1, 'ok'::public.mood $function$\n",
        dependsOn: ["enum:public.mood", "table:public.users"],
      },
    },
    after: `create type mood as enum ('ok'); create table users (id int);
      create function moods(who users, variadic more mood[]) returns table (id int, m mood) language sql
        as $$ select 1, 'ok'::public.mood $$`,
  },
  {
    name: "with a body that is parsed at once",
    before: "create table users (id int, code varchar)",
    op: {
      routine: {
        kind: "function",
        schema: "public",
        name: "named",
        arguments: "",
        returns: "bigint",
        definition:
          "CREATE OR REPLACE FUNCTION public.named()\n RETURNS bigint\n LANGUAGE sql\nBEGIN ATOMIC\n SELECT count(*) AS count\n    FROM public.users\n   WHERE ((users.code)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]));\nEND\n",
        dependsOn: ["column:public.users.code"],
      },
    },
    after: `create table users (id int, code varchar);
      create function named() returns bigint language sql begin atomic
        select count(*) from users where code in ('a', 'b'); end`,
  },
]);
