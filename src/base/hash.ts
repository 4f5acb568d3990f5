/** Canonical JSON and content hashes. The algorithm's name is part of every hash so that it can change without breaking history. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** JSON text with object keys in code-unit order and without undefined members: equal values give equal bytes. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(",")}]`;
  const record = value as { readonly [key: string]: Json | undefined };
  let text = "{";
  for (const key of Object.keys(record).sort()) {
    const member = record[key];
    if (member === undefined) continue;
    if (text.length > 1) text += ",";
    text += `${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `${text}}`;
}

/** `v1:sha256:<hex>` of a text, UTF-8. */
export function hashText(text: string): string {
  return `v1:sha256:${new Bun.CryptoHasher("sha256").update(text).digest("hex")}`;
}

/** The content hash of a JSON value, independent of key order. */
export function hashJson(value: Json): string {
  return hashText(canonicalJson(value));
}

/** The first characters of a hash's hex part, for display and for names. */
export function shortHash(hash: string, length = 12): string {
  return hash.slice(hash.lastIndexOf(":") + 1).slice(0, length);
}
