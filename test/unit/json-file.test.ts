/** Reading exported graphs from files: plain and packed, damaged, too large, missing. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { emptyGraph } from "../../src/model/graph.ts";
import { graphHash, graphToJson } from "../../src/model/json.ts";
import { readGraphFile } from "../../src/source/json-source.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { toolErrorOf } from "../support/tool-error.ts";

const text = graphToJson(emptyGraph);
const document = { graph: emptyGraph, origin: {}, hash: graphHash(emptyGraph), intact: true };
const mebibyte = 1_048_576;

/** Reads a file with some content under a limit. */
function read(content: string | Uint8Array, bytes = 10 * mebibyte) {
  const folder = tempFolder({ "graph.json": content });
  return readGraphFile(join(folder, "graph.json"), "graph.json", { bytes });
}

test("plain and packed files read the same, whatever they are called", async () => {
  expect(await read(text)).toEqual(document);
  expect(await read(gzipSync(text))).toEqual(document);
});

test("a byte order mark is not part of the document", async () => {
  expect(await read(`\ufeff${text}`)).toEqual(document);
});

test("a file that is too large is refused, packed or not", async () => {
  const large = text + " ".repeat(2 * mebibyte);
  for (const content of [large, gzipSync(large)]) {
    const error = await toolErrorOf(read(content, mebibyte));
    expect([error.code, error.what, error.why]).toEqual([
      "file_invalid",
      "cannot read graph.json",
      "it holds more than 1 MiB",
    ]);
  }
});

test("a small file that unpacks without end is stopped at the limit", async () => {
  const bomb = gzipSync(Buffer.alloc(256 * mebibyte));
  expect(bomb.length).toBeLessThan(mebibyte);
  const before = process.memoryUsage().arrayBuffers;
  expect((await toolErrorOf(read(bomb, 4 * mebibyte))).why).toBe("it holds more than 4 MiB");
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * mebibyte);
});

test("a damaged or cut off packed file is refused", async () => {
  const packed = gzipSync(text.repeat(50));
  for (const content of [packed.subarray(0, 60), Buffer.concat([packed.subarray(0, 10), Buffer.from("garbage")])]) {
    const error = await toolErrorOf(read(content));
    expect([error.code, error.why]).toEqual(["file_invalid", "it is a damaged or cut off gzip file"]);
  }
});

test("what is not UTF-8 is refused", async () => {
  expect((await toolErrorOf(read(Uint8Array.of(0x7b, 0xe9, 0x7d)))).why).toBe("it is not UTF-8 text");
});

test("a missing file, a folder and a device are told apart", async () => {
  const folder = tempFolder();
  const of = async (path: string) => {
    const { code, why } = await toolErrorOf(readGraphFile(path, path));
    return [code, why];
  };
  expect(await of(join(folder, "none.json"))).toEqual(["file_missing", "there is no such file or folder"]);
  expect(await of(folder)).toEqual(["file_unreadable", "it is a folder"]);
  expect(await of("/dev/zero")).toEqual(["file_unreadable", "it is not a regular file"]);
});

test("the file is named in errors of its content", async () => {
  expect((await toolErrorOf(read("{}"))).what).toBe("graph.json is not a valid document");
});
