// Renames are said as old=new, checked against both schemas, and never guessed.

import { describe, expect, test } from "bun:test";
import { applyRenames, renameCandidates } from "../../src/diff/renames.ts";
import { makeGraph, type SchemaGraph } from "../../src/model/graph.ts";
import type { Column } from "../../src/model/object.ts";
import { renamedText } from "../../src/model/rename-text.ts";
import { toolErrorOf } from "../support/tool-error.ts";

function graph(tables: Readonly<Record<string, readonly string[]>>, schema = "public"): SchemaGraph {
  return makeGraph([
    { kind: "schema", name: schema },
    ...Object.entries(tables).flatMap(([table, columns]) => [
      { kind: "table" as const, schema, name: table },
      ...columns.map((text, index): Column => {
        const [name = "", type = "text"] = text.split(":");
        return { kind: "column", schema, table, name, position: index + 1, type };
      }),
    ]),
  ]);
}

const before = graph({ users: ["id:integer", "mail"], posts: ["id:integer"], "a.b": ["c"] });
const after = graph({ people: ["id:integer", "email"], posts: ["id:integer"], "a=b": ["c"] });

describe("said renames", () => {
  test("become operations, tables before their columns, whatever the order they are said in", () => {
    const { operations, graph: renamed } = applyRenames(before, after, ["users.mail=email", "users=people"]);
    expect(operations).toEqual([
      { kind: "renameTable", schema: "public", from: "users", to: "people" },
      { kind: "renameColumn", schema: "public", table: "people", from: "mail", to: "email" },
    ] as never);
    expect([...renamed.objects.keys()].filter((id) => id.includes("people"))).toEqual([
      "column:public.people.email",
      "column:public.people.id",
      "table:public.people",
    ]);
  });

  test("may name schema and table on both sides, the table by its old or its new name", () => {
    for (const text of ["public.users.mail=public.people.email", "users.mail=users.email", "users.mail=people.email"]) {
      expect(applyRenames(before, after, [text, "public.users=public.people"]).operations).toHaveLength(2);
    }
  });

  test("hold quoted names with dots and equals signs", () => {
    expect(applyRenames(before, after, ['"a.b"="a=b"']).operations).toEqual([
      { kind: "renameTable", schema: "public", from: "a.b", to: "a=b" },
    ] as never);
  });

  test("are refused with the side that is wrong", async () => {
    const form =
      "a rename reads old=new: users=people, users.mail=users.email or public.users.mail=email; type:mood=feeling, value:mood.sad=low or schema:app=core where it could be something else";
    const refusals: readonly (readonly [text: string, why: string])[] = [
      ["users", form],
      ["users=", form],
      ["a=b=c", form],
      ['us"ers=people', form],
      ["Users=people", "Users is nothing that can be renamed in the schema as it is"],
      ["users.name=email", "users.name is nothing that can be renamed in the schema as it is"],
      ["users=folk", "folk is not in the schema that is wanted"],
      ["users=posts", "posts is already there before the rename"],
      ["users=app.people", "a table stays in its schema: the old side is in public"],
      ["users=public.people.email", "the old side is a table, the new one reads like a column"],
      ["posts.id=people.email", "a column stays in its table: the old side is in posts"],
      ["posts.id=app.posts.email", "a column stays in its table: the old side is in posts"],
      ["schema:app=core", "schema:app is no schema in the schema as it is"],
      ["posts.id=number", "posts.number is not in the schema that is wanted"],
    ];
    for (const [text, why] of refusals) {
      const error = await toolErrorOf(Promise.resolve().then(() => applyRenames(before, after, [text])));
      expect([text, error.code, error.what, error.why]).toEqual([
        text,
        "usage",
        `cannot use the rename ${JSON.stringify(text)}`,
        why,
      ]);
    }
  });
});

describe("candidates", () => {
  test("are tables with the same columns and columns of the same table and type", () => {
    const old = graph({ users: ["id:integer", "mail"], tags: ["id:integer", "word"], log: ["at:date", "what"] });
    const now = graph({
      people: ["mail", "id:integer"],
      tags: ["id:integer", "label", "place"],
      log: ["on:time", "what"],
    });
    expect(renameCandidates(old, now)).toEqual([
      { of: "column", old: "tags.word", new: "tags.label" },
      { of: "column", old: "tags.word", new: "tags.place" },
      { of: "table", old: "users", new: "people" },
    ]);
  });

  test("are not tables of different schemas, nor tables without columns; a schema with the same members is", () => {
    expect(renameCandidates(graph({ a: ["x"] }, "one"), graph({ a: ["x"] }, "two"))).toEqual([
      { of: "schema", old: "one", new: "two" },
    ]);
    expect(renameCandidates(graph({ a: ["x"] }, "one"), graph({ a: ["y"] }, "two"))).toEqual([]);
    expect(renameCandidates(graph({ a: [] }), graph({ b: [] }))).toEqual([]);
  });

  test("are equal types and sequences, and one label of an enum; the old side says what it is where it must", () => {
    const objects = (type: string, value: string, sequence: string, domain: string) =>
      makeGraph([
        { kind: "table", schema: "public", name: "mail" },
        { kind: "enum", schema: "public", name: "mood", values: ["ok", value] },
        { kind: "enum", schema: "public", name: type, values: ["a", "b"] },
        { kind: "domain", schema: "app", name: domain, type: "text" },
        { kind: "sequence", schema: "public", name: sequence, increment: "5" },
        { kind: "table", schema: "public", name: "app" },
        { kind: "column", schema: "public", table: "app", name: "d", position: 1, type: "text" },
      ]);
    const [old, now] = [objects("t", "it's", "s", "d"), objects("u", "sad.", "r", "e")];
    const found = renameCandidates(old, now);
    expect(found).toEqual([
      { of: "type", old: "type:app.d", new: "app.e" },
      { of: "type", old: "t", new: "u" },
      { of: "sequence", old: "s", new: "r" },
      { of: "value", old: `mood."it's"`, new: 'mood."sad."' },
    ]);
    const said = found.map((candidate) => `${candidate.old}=${candidate.new}`);
    expect(applyRenames(old, now, said).graph).toEqual(now);
  });

  test("read as renames that can be said", () => {
    const [old, now] = [graph({ "a.b": ["x"] }, "My Schema"), graph({ "c=d": ["x"] }, "My Schema")];
    const [candidate] = renameCandidates(old, now);
    expect(applyRenames(old, now, [`${candidate?.old}=${candidate?.new}`]).operations).toHaveLength(1);
  });
});

describe("a text that mentions a renamed thing", () => {
  test("follows in names and not in strings or longer names", () => {
    const text = `((mail <> 'mail'::text) AND (mail_2 <> "mail") AND (lower("Mail") = E'\\'mail'))`;
    expect(renamedText(text, undefined, "mail", "E-Mail")).toBe(
      `(("E-Mail" <> 'mail'::text) AND (mail_2 <> "E-Mail") AND (lower("Mail") = E'\\'mail'))`,
    );
  });

  test("is taken from the wanted schema where only some mentions are renamed there", () => {
    const wanted = "(a.word = (SELECT b.label FROM b))";
    expect(renamedText("(a.word = (SELECT b.word FROM b))", wanted, "word", "label")).toBe(wanted);
    expect(renamedText("(a.word = 1)", "(a.label > 1)", "word", "label")).toBe("(a.label = 1)");
  });
});
