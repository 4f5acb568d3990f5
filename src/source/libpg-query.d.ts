/** The parts of libpg-query's compiled module that postgres-parser.ts calls; the package ships no types for that file. */

declare module "libpg-query/wasm/libpg-query.js" {
  /** Emscripten's module: pointers are numbers into its own memory. */
  export interface PgQueryModule {
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    lengthBytesUTF8(text: string): number;
    stringToUTF8(text: string, pointer: number, bytes: number): void;
    UTF8ToString(pointer: number): string;
    getValue(pointer: number, type: "i32"): number;
    /** Returns a pointer to { char *tree; char *stderr; { char *message, …; int cursorpos; … } *error }. */
    _wasm_parse_query_raw(text: number): number;
    _wasm_free_parse_result(result: number): void;
  }

  const createModule: (options: {
    instantiateWasm(
      imports: Bun.WebAssembly.Imports,
      done: (instance: Bun.WebAssembly.Instance) => void,
    ): Record<string, never>;
    print(line: string): void;
    printErr(line: string): void;
  }) => Promise<PgQueryModule>;
  export default createModule;
}

declare module "libpg-query/wasm/libpg-query.wasm" {
  const path: string;
  export default path;
}
