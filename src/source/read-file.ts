/** Reads files that a stranger may have made: regular files only, with a limit on size, strictly UTF-8. */
import { createReadStream, type Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type ErrorCode, isToolError, type ToolError, toolError } from "../base/errors.ts";
import { plural } from "../base/text.ts";

const gzipMagic = [0x1f, 0x8b];

/**
 * The text of a UTF-8 file without its byte order mark. A gzip file is unpacked when `gzip` is set; the limit holds for
 * what comes out, and unpacking stops there.
 * @param shown how messages name the file
 * @throws ToolError file_missing, file_unreadable, file_invalid
 */
export async function readTextFile(
  path: string,
  shown: string,
  limits: { readonly bytes: number; readonly gzip?: boolean },
): Promise<string> {
  const stats = await statFile(path, shown);
  if (!stats.isFile()) {
    throw unreadable(shown, stats.isDirectory() ? "it is a folder" : "it is not a regular file", "name a file");
  }
  if (stats.size > limits.bytes) throw tooLarge(shown, limits.bytes);
  const bytes = await readBytes(path, shown, limits);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw fileError("file_invalid", shown, "it is not UTF-8 text", "save it as UTF-8");
  }
}

/** What a path leads to. @throws ToolError file_missing, file_unreadable */
export async function statFile(path: string, shown: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    throw openError(error, shown);
  }
}

/** The error of a path that could not be opened or listed. */
export function openError(error: unknown, shown: string): ToolError {
  const code = errorCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") {
    return fileError("file_missing", shown, "there is no such file or folder", "check the path");
  }
  if (code === "EACCES" || code === "EPERM") return unreadable(shown, "permission denied", "check its permissions");
  return unreadable(shown, code ?? "it cannot be opened", "check the path");
}

async function readBytes(
  path: string,
  shown: string,
  limits: { readonly bytes: number; readonly gzip?: boolean },
): Promise<Uint8Array> {
  try {
    const file = Bun.file(path);
    const head = await file.slice(0, gzipMagic.length).bytes();
    if (limits.gzip === true && gzipMagic.every((byte, index) => head[index] === byte)) {
      return await unpack(path, shown, limits.bytes);
    }
    // The file may have grown since its size was asked for.
    const bytes = await file.slice(0, limits.bytes + 1).bytes();
    if (bytes.length > limits.bytes) throw tooLarge(shown, limits.bytes);
    return bytes;
  } catch (error) {
    throw isToolError(error) ? error : openError(error, shown);
  }
}

/** Unpacks piece by piece, so that a file that grows without end is noticed before it is in memory. */
async function unpack(path: string, shown: string, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    await pipeline(createReadStream(path), createGunzip(), async (unpacked: AsyncIterable<Uint8Array>) => {
      for await (const chunk of unpacked) {
        size += chunk.length;
        if (size > maxBytes) throw tooLarge(shown, maxBytes);
        chunks.push(chunk);
      }
    });
  } catch (error) {
    if (/^(Z_|ERR_ZLIB|ERR_STREAM)/.test(errorCode(error) ?? "")) {
      throw fileError("file_invalid", shown, "it is a damaged or cut off gzip file", "copy or export it again");
    }
    throw error;
  }
  return Buffer.concat(chunks);
}

function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

function tooLarge(shown: string, maxBytes: number): ToolError {
  const why = `it holds more than ${plural(Math.floor(maxBytes / 1_048_576), "MiB", "MiB")}`;
  return fileError("file_invalid", shown, why, "check that it is the file you mean");
}

function unreadable(shown: string, why: string, next: string): ToolError {
  return fileError("file_unreadable", shown, why, next);
}

function fileError(code: ErrorCode, shown: string, why: string, next: string): ToolError {
  return toolError({
    code,
    what: `cannot read ${shown}`,
    why,
    state: "nothing was changed",
    next,
    details: { file: shown },
  });
}
