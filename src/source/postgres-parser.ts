/**
 * Postgres's own grammar, compiled to WebAssembly: the only import of libpg-query. It parses and nothing else; what a
 * statement means is for its callers. The module is embedded in the binary and loaded on first use.
 */

import type { PgQueryModule } from "libpg-query/wasm/libpg-query.js";
import wasmPath from "libpg-query/wasm/libpg-query.wasm" with { type: "file" };

/** A node of the parse tree: its type (`CreateStmt`) and its fields as libpg-query prints them. */
export interface ParseNode {
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** One statement; offsets are UTF-16 units of the parsed text, the semicolon and what stands around it left out. */
export interface ParsedStatement {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly node: ParseNode;
}

export type ParseResult =
  | { readonly ok: true; readonly statements: readonly ParsedStatement[] }
  /** Postgres's words, and where in UTF-16 units of the text */
  | { readonly ok: false; readonly message: string; readonly offset: number };

interface RawStatement {
  readonly stmt?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly stmt_location?: number;
  readonly stmt_len?: number;
}

let loading: Promise<PgQueryModule> | undefined;

/** Parses a text of any number of statements with the grammar of Postgres 18. The text holds no NUL character. */
export async function parseSql(text: string): Promise<ParseResult> {
  loading ??= loadModule();
  const module = await loading;
  try {
    return parseWith(module, text);
  } catch (error) {
    // A stack overflow or a failed allocation leaves the module's memory in an unknown state.
    loading = undefined;
    const why = error instanceof RangeError ? "an expression is nested too deeply" : "the parser ran out of memory";
    return { ok: false, message: why, offset: 0 };
  }
}

async function loadModule(): Promise<PgQueryModule> {
  const { default: createModule } = await import("libpg-query/wasm/libpg-query.js");
  const compiled = await WebAssembly.compile(await Bun.file(wasmPath).arrayBuffer());
  return createModule({
    // By default the module looks for its file in the folder of the machine that built the binary.
    instantiateWasm: (imports, done) => {
      void WebAssembly.instantiate(compiled, imports).then(done);
      return {};
    },
    print: () => undefined,
    printErr: () => undefined,
  });
}

function parseWith(module: PgQueryModule, text: string): ParseResult {
  const bytes = module.lengthBytesUTF8(text) + 1;
  const input = module._malloc(bytes);
  let result = 0;
  try {
    module.stringToUTF8(text, input, bytes);
    result = module._wasm_parse_query_raw(input);
    const failure = module.getValue(result + 8, "i32");
    if (failure === 0) {
      const tree = JSON.parse(module.UTF8ToString(module.getValue(result, "i32"))) as { stmts?: RawStatement[] };
      return { ok: true, statements: locateStatements(text, tree.stmts ?? []) };
    }
    // cursorpos counts characters from 1, as the server does.
    const position = module.getValue(failure + 16, "i32");
    return {
      ok: false,
      message: module.UTF8ToString(module.getValue(failure, "i32")),
      offset: characterOffset(text, Math.max(0, position - 1)),
    };
  } finally {
    if (result !== 0) module._wasm_free_parse_result(result);
    module._free(input);
  }
}

/** Statement locations are bytes of UTF-8, length 0 means up to the end; both absent when 0. */
function locateStatements(text: string, raw: readonly RawStatement[]): ParsedStatement[] {
  const bytes = Buffer.from(text);
  const ascii = bytes.length === text.length;
  const statements: ParsedStatement[] = [];
  let seenBytes = 0;
  let seenUnits = 0;
  const unitsAt = (offset: number) => {
    if (ascii) return offset;
    seenUnits += bytes.toString("utf8", seenBytes, offset).length;
    seenBytes = offset;
    return seenUnits;
  };
  for (const { stmt = {}, stmt_location = 0, stmt_len = 0 } of raw) {
    const [type] = Object.keys(stmt);
    if (type === undefined) continue;
    const start = unitsAt(stmt_location);
    const end = unitsAt(stmt_len === 0 ? bytes.length : stmt_location + stmt_len);
    statements.push({ text: text.slice(start, end), start, end, node: { type, fields: stmt[type] ?? {} } });
  }
  return statements;
}

/** The offset in UTF-16 units of a place given in characters (code points), both from 0. */
export function characterOffset(text: string, characters: number): number {
  let offset = 0;
  for (let left = characters; left > 0 && offset < text.length; left--) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}
