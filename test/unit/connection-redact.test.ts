// Secrets must not survive in any form a text can carry them in.
import { expect, test } from "bun:test";
import { redact } from "../../src/config/redact.ts";

const secret = `p@s's/wö"rd\\%`;

test("a secret is masked raw, percent-encoded, JSON-escaped and doubled for SQL", () => {
  const forms = [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase(),
    "p%40s%27s%2Fw%C3%B6%22rd%5C%25",
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    secret.replaceAll("'", "''"),
  ];
  for (const form of forms) expect(redact(`before ${form} after`, [secret])).toBe("before **** after");
});

test("a password inside a connection URL is masked even when it is not known", () => {
  expect(redact("cannot reach postgres://bob:s3cret@db1:5432/shop?x=1 now", [])).toBe(
    "cannot reach postgres://bob:****@db1:5432/shop?x=1 now",
  );
  expect(redact("POSTGRESQL://bob:s3/c@ret@db1/shop", [])).toBe("POSTGRESQL://bob:****@db1/shop");
  expect(redact("postgres://db1/shop?user=bob&password=s3cret&x=1", [])).toBe(
    "postgres://db1/shop?user=bob&password=****&x=1",
  );
  expect(redact("postgres://bob@db1/shop at 12:30", [])).toBe("postgres://bob@db1/shop at 12:30");
});

test("a text without secrets stays as it is, and an empty secret masks nothing", () => {
  expect(redact("create table t (a int)", ["", "other"])).toBe("create table t (a int)");
});
