// The HTML page in a real browser: opened from a file, searched by typing. Runs where ZANITH_TEST_CHROMIUM names one.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { runCli } from "../support/run-cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const chromium = process.env["ZANITH_TEST_CHROMIUM"];
const large = (name: string): string => join(import.meta.dir, "..", "..", "fixtures", "large", `${name}.json.gz`);

test.skipIf(chromium === undefined)(
  "typing into the search leaves the models that match",
  async () => {
    const folder = tempFolder();
    const { stdout } = await runCli(["snapshot", "diff", large("before"), large("after"), "--html"], { cwd: folder });
    // The browser dumps the page's elements once its scripts are done; this one types what a person would.
    const typed = `<script>
      const box = document.getElementById("search");
      box.value = "audit_entry crm";
      box.dispatchEvent(new Event("input"));
      document.title = "shown " + [...document.querySelectorAll("details")].filter((one) => !one.hidden).length + " of " + document.querySelectorAll("details").length;
    </script></body>`;
    const path = join(folder, "page.html");
    await Bun.write(path, stdout.replace("</body>", typed));
    const browser = Bun.spawn(
      [
        chromium ?? "",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        `--user-data-dir=${join(folder, "profile")}`,
        "--dump-dom",
        `file://${path}`,
      ],
      { stdin: "ignore", stdout: "pipe", stderr: "ignore" },
    );
    const dom = await new Response(browser.stdout).text();
    expect(await browser.exited).toBe(0);
    const [, shown, all] = /<title>shown (\d+) of (\d+)<\/title>/.exec(dom) ?? [];
    const expected = [...stdout.matchAll(/<details[\s\S]*?<\/details>/g)].map(([text]) => text.toLowerCase());
    expect(Number(all)).toBe(expected.length);
    expect(Number(shown)).toBeGreaterThan(0);
    expect(Number(shown)).toBeLessThan(expected.length);
  },
  60_000,
);
