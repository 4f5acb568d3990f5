/** A directed graph over integers and its stable topological order. Knows nothing of what the nodes stand for. */
import { assert } from "./assert.ts";

/** The result of ordering: either every node, or the nodes that lie on or behind a cycle. */
export type Ordering =
  | { readonly ok: true; readonly order: readonly number[] }
  | { readonly ok: false; readonly order: readonly number[]; readonly stuck: readonly number[] };

/**
 * Orders nodes 0…size-1 so that every edge goes forward; among nodes that are free the one that `before` puts first
 * comes next, so the order is the same for the same input. O((V+E) log V).
 */
export function topologicalOrder(
  size: number,
  edges: Iterable<readonly [from: number, to: number]>,
  before: (a: number, b: number) => number,
): Ordering {
  const outgoing: Set<number>[] = Array.from({ length: size }, () => new Set());
  const waiting = new Int32Array(size);
  for (const [from, to] of edges) {
    assert(from >= 0 && from < size && to >= 0 && to < size, "edge outside the graph");
    const targets = outgoing[from];
    if (from === to || !targets || targets.has(to)) continue;
    targets.add(to);
    waiting[to] = (waiting[to] ?? 0) + 1;
  }
  const heap = new Heap(before);
  for (let node = 0; node < size; node++) if (waiting[node] === 0) heap.push(node);
  const order: number[] = [];
  for (let node = heap.pop(); node !== undefined; node = heap.pop()) {
    order.push(node);
    for (const next of outgoing[node] ?? []) {
      const left = (waiting[next] ?? 0) - 1;
      waiting[next] = left;
      if (left === 0) heap.push(next);
    }
  }
  if (order.length === size) return { ok: true, order };
  const done = new Set(order);
  const stuck: number[] = [];
  for (let node = 0; node < size; node++) if (!done.has(node)) stuck.push(node);
  return { ok: false, order, stuck };
}

class Heap {
  readonly #items: number[] = [];
  readonly #before: (a: number, b: number) => number;

  constructor(before: (a: number, b: number) => number) {
    this.#before = before;
  }

  push(item: number): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#before(item, items[parent] as number) >= 0) break;
      items[at] = items[parent] as number;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return top;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#before(items[child + 1] as number, items[child] as number) < 0) child++;
      if (this.#before(last, items[child] as number) <= 0) break;
      items[at] = items[child] as number;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
