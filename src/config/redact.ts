/** Takes secrets out of text that is about to be shown, logged or stored. Owns no output and keeps no secret. */

/** What stands in place of a secret. */
export const mask = "****";

/**
 * The text with every secret masked in the forms it takes on the way: raw, percent-encoded (both letter cases),
 * JSON-escaped and doubled for an SQL literal; passwords inside connection URLs go whatever they are.
 */
export function redact(text: string, secrets: Iterable<string>): string {
  const forms = new Set<string>();
  for (const secret of secrets) for (const form of formsOf(secret)) forms.add(form);
  let clean = text;
  // The longest first, so that a form that contains another is masked whole.
  for (const form of [...forms].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(form, mask);
  return clean
    .replace(/(postgres(?:ql)?:\/\/[^\s:@/?]*):\S*@/gi, `$1:${mask}@`)
    .replace(/([?&](?:ssl)?password=)[^&\s]+/gi, `$1${mask}`);
}

function formsOf(secret: string): string[] {
  if (secret === "") return [];
  const encoded = percentEncode(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  const forms = [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    encoded,
    lowerHex(encoded),
    secret.replaceAll("'", "''"),
  ];
  if (secret.isWellFormed()) {
    const loose = encodeURIComponent(secret);
    forms.push(loose, lowerHex(loose));
  }
  return forms;
}

// Everything but the unreserved characters of RFC 3986, which is what a careful person writes into a URL.
function percentEncode(text: string): string {
  let encoded = "";
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9\-._~]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

function lowerHex(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (digits) => digits.toLowerCase());
}
