/** A box over the middle of a frame: a question that is answered by typing, or a message. */
import type { Dialog } from "../state.ts";
import { type Chrome, cellsOf, fit, type UiLine, wrapAll } from "../text.ts";
import { type Area, scrolled, ui } from "./panes.ts";

const widest = 88;

/** The frame with the box in its middle. */
export function withDialog(frame: readonly UiLine[], dialog: Dialog, area: Area, chrome: Chrome): UiLine[] {
  const width = Math.min(widest, area.width - 4);
  const inner = width - 4;
  const foot = dialog.kind === "typed" ? typedLines(dialog, chrome) : [[ui("Enter closes", "dim")]];
  const room = area.height - foot.length - 5;
  const body = scrolled(wrapAll(dialog.lines, inner, chrome), dialog.top, Math.max(1, room));
  const lines: UiLine[] = [[ui(dialog.title, "title")], [], ...body, [], ...foot];
  const top = Math.max(0, (area.height - lines.length - 2) >> 1);
  const left = (area.width - width) >> 1;
  const corner = chrome.ascii ? "+" : undefined;
  const edge = (from: string, to: string): UiLine => [
    ui(`${corner ?? from}${chrome.rule.repeat(width - 2)}${corner ?? to}`, "border"),
  ];
  const box: UiLine[] = [
    edge("┌", "┐"),
    ...lines.map(
      (content): UiLine => [
        ui(`${chrome.wall} `, "border"),
        ...fit(content, inner, chrome),
        ui(` ${chrome.wall}`, "border"),
      ],
    ),
    edge("└", "┘"),
  ];
  return frame.map((content, at) => {
    const over = box[at - top];
    if (over === undefined) return content;
    return [
      ...fit(content, left, { ...chrome, ellipsis: " " }),
      ...over,
      ui(" ".repeat(Math.max(0, area.width - left - cellsOf(over, chrome)))),
    ];
  });
}

function typedLines(dialog: Extract<Dialog, { kind: "typed" }>, chrome: Chrome): UiLine[] {
  return [
    dialog.asks === undefined
      ? [ui("type "), ui(dialog.expected, "accent"), ui(" and press Enter to go on, Escape to leave it")]
      : [ui(`${dialog.asks.what}; Enter goes on, Escape leaves it`)],
    [ui("> ", "key"), ui(dialog.typed), ui(chrome.ascii ? "_" : "▏", "key")],
    dialog.wrong === true ? [ui(`${dialog.asks?.wrong ?? "that is not it"}; nothing was done`, "bad")] : [],
  ];
}
