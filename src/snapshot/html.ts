/**
 * A comparison as one HTML page that needs no network: a list of models to search and filter, each opening to its two
 * texts side by side. Everything from a schema is text, never markup; the page's policy forbids any request.
 */
import { plural } from "../base/text.ts";
import type { ComparedModel, Comparison } from "./compared.ts";
import { sideBySide } from "./text-diff.ts";
import { htmlText } from "./views.ts";

/** What the page says of where its two sides come from. */
export interface PageTitle {
  readonly before: string;
  readonly after: string;
}

const style = `
:root { color-scheme: light dark; --add: #1a7f37; --del: #cf222e; --alt: #9a6700; --line: #8886; }
@media (prefers-color-scheme: dark) { :root { --add: #3fb950; --del: #f85149; --alt: #d29922; } }
body { font: 14px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 110rem; padding: 1rem 1.5rem; }
h1 { font-size: 1.2rem; } h1 small, .dim { opacity: .65; font-weight: normal; }
header { position: sticky; top: 0; background: Canvas; padding: .5rem 0; border-bottom: 1px solid var(--line); }
input[type=search] { font: inherit; width: 22rem; max-width: 100%; padding: .25rem .5rem; }
label { margin-left: 1rem; } details { border-bottom: 1px solid var(--line); } summary { padding: .3rem 0; cursor: pointer; }
.create { color: var(--add); } .drop { color: var(--del); } .alter { color: var(--alt); }
table { border-collapse: collapse; width: 100%; table-layout: fixed; margin: .3rem 0 1rem; }
td { font: 12px/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; vertical-align: top; padding: 0 .5rem; width: 50%; }
tr.changed td:first-child { color: var(--del); } tr.changed td:last-child { color: var(--add); }
.relation::after { content: " relation"; font-size: .8em; opacity: .65; } [hidden] { display: none; }`;

const script = `
const search = document.getElementById("search"), count = document.getElementById("count");
const boxes = [...document.querySelectorAll("input[type=checkbox]")], models = [...document.querySelectorAll("details")];
function filter() {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const types = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  let shown = 0;
  for (const model of models) {
    const text = model.dataset.text ??= model.textContent.toLowerCase();
    const visible = types.has(model.dataset.type) && words.every((word) => text.includes(word));
    model.hidden = !visible;
    if (visible) shown++;
  }
  count.textContent = shown + " of " + models.length;
}
search.addEventListener("input", filter);
for (const box of boxes) box.addEventListener("change", filter);
document.getElementById("all").addEventListener("click", () => {
  const open = models.some((model) => !model.hidden && !model.open);
  for (const model of models) if (!model.hidden) model.open = open;
});
filter();`;

const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Pages with at most this many models open them all at once; larger ones begin folded. */
const openAtMost = 20;

/** The page. The same comparison and titles give the same bytes. */
export function htmlPage(comparison: Comparison, title: PageTitle): string {
  const { sizes, models, touchesRelation } = comparison;
  const heading = `${htmlText(title.before)} → ${htmlText(title.after)}`;
  const open = models.length <= openAtMost;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${heading}</title>
<style>${style}
</style>
</head>
<body>
<header>
<h1>${heading} <small>${sizes.before.models} → ${sizes.after.models} models, ${sizes.before.relations} → ${sizes.after.relations} relations, ${plural(touchesRelation.size, "change")} touching a relation</small></h1>
<input id="search" type="search" placeholder="search names, columns, definitions" autofocus>
${(["create", "drop", "alter"] as const).map((type) => `<label class="${type}"><input type="checkbox" value="${type}" checked> ${typeWords[type]}</label>`).join("\n")}
<button id="all" type="button">open / close all</button>
<span id="count" class="dim"></span>
</header>
<main>
${models.map((model) => modelHtml(model, comparison, open)).join("\n")}
${models.length === 0 ? "<p>no differences</p>" : ""}
</main>
<script>${script}
</script>
</body>
</html>
`;
}

const typeWords = { create: "new", drop: "gone", alter: "changed" } as const;
const sigils = { create: "+", drop: "−", alter: "~" } as const;

function modelHtml(model: ComparedModel, { touchesRelation }: Comparison, open: boolean): string {
  const { created, dropped, altered } = model.counts;
  const counts = [created && `+${created}`, dropped && `−${dropped}`, altered && `~${altered}`]
    .filter(Boolean)
    .join(" ");
  const relation = model.changes.some(({ id }) => touchesRelation.has(id)) ? ' class="relation"' : "";
  const rows = sideBySide(model.before, model.after).map(
    ({ left, right, changed }) =>
      `<tr${changed ? ' class="changed"' : ""}><td>${htmlText(left ?? "")}</td><td>${htmlText(right ?? "")}</td></tr>`,
  );
  return `<details data-type="${model.type}"${open ? " open" : ""}>
<summary><span class="${model.type}">${sigils[model.type]}</span> <span class="dim">${htmlText(model.kind)}</span> <b${relation}>${htmlText(model.name)}</b> <span class="dim">${counts}</span></summary>
<table>${rows.join("\n")}</table>
</details>`;
}
