/** The legend of a picture, which is also its filter: what is unchecked is not drawn. */

import { el, svg } from "./dom.ts";
import { inWords, KINDS, MODALITIES, type Filter, type GraphData, type Modality } from "./graph/index.ts";

const SHAPES: Record<string, string> = {
  Person: "M8 2a6 6 0 1 0 .01 0Z",
  Office: "M8 2 14.5 13.5h-13Z",
  Organization: "M3.5 3h9a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 11.5v-7A1.5 1.5 0 0 1 3.5 3Z",
  Facility: "M8 1.8 14.4 6.5 12 14H4L1.6 6.5Z",
  Agreement: "M4.5 2.5h7l3 3v5l-3 3h-7l-3-3v-5Z",
  Place: "M8 1.2 14.8 8 8 14.8 1.2 8Z",
  Equipment: "M4.5 2.2h7L15 8l-3.5 5.8h-7L1 8Z",
  Event: "M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4Z",
};
const LINES: Record<Modality, { dashes: string; word: string }> = {
  Asserted: { dashes: "", word: "said to be so" },
  Planned: { dashes: "4 2.5", word: "planned" },
  Denied: { dashes: "1.2 2", word: "denied" },
  Former: { dashes: "2 3", word: "former" },
};
const TONES: Record<Modality, string> = {
  Asserted: "var(--faint)",
  Planned: "var(--planned)",
  Denied: "var(--denied)",
  Former: "var(--former)",
};
const MOST_RELATIONS = 24;

/** The filter that a list of hidden names stands for. */
export function asFilter(hide: readonly string[]): Filter {
  const names = new Set(hide);
  const predicates = new Set(hide.map(inWords));
  return {
    kinds: new Set(KINDS.filter((k) => names.has(k))),
    modalities: new Set(MODALITIES.filter((m) => names.has(m))),
    predicates,
  };
}

/** The legend of `data` with what is hidden unchecked; `onHide` gets the new list of hidden names. */
export function makeLegend(
  data: GraphData,
  hide: readonly string[],
  onHide: (hide: string[]) => void,
): HTMLElement {
  const counts = new Map<string, number>();
  const add = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const node of data.nodes) add(node.kind ?? "");
  const relations = new Map<string, number>();
  for (const edge of data.edges) {
    add(edge.modality);
    const local = edge.predicate.replace(/^.*[#/:]/u, "");
    relations.set(local, (relations.get(local) ?? 0) + 1);
  }
  const hidden = new Set(hide);

  function choice(name: string, label: string, icon: Element | null, kind = ""): HTMLElement {
    const box = el("input", { type: "checkbox", checked: !hidden.has(name), value: name });
    box.addEventListener("change", () => {
      if (box.checked) hidden.delete(name);
      else hidden.add(name);
      onHide([...hidden].sort());
    });
    return el("label", { class: kind }, box, icon, label);
  }

  const kinds = KINDS.filter((k) => counts.has(k) || hidden.has(k)).map((k) =>
    choice(k, k, svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: SHAPES[k], fill: "currentColor" })), k),
  );
  const modalities = MODALITIES.filter((m) => counts.has(m) || hidden.has(m)).map((m) => {
    const line = svg("line", { x1: 0, x2: 16, y1: 8, y2: 8, "stroke-width": 2.2, "stroke-dasharray": LINES[m].dashes });
    line.style.stroke = TONES[m];
    return choice(m, LINES[m].word, svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, line));
  });
  const names = [...new Set([...relations.keys(), ...[...hidden].filter((h) => /^[a-z]/u.test(h))])]
    .sort((a, b) => (relations.get(b) ?? 0) - (relations.get(a) ?? 0) || (a < b ? -1 : 1))
    .slice(0, MOST_RELATIONS)
    .map((name) => choice(name, inWords(name), null));
  const group = (title: string, items: HTMLElement[]): HTMLElement | null =>
    items.length === 0 ? null : el("fieldset", { class: "legend" }, el("legend", {}, title), ...items);
  return el(
    "details",
    { class: "filters", open: true },
    el("summary", {}, "Legend and filters"),
    group("Things", kinds),
    group("Claims", modalities),
    group("Relations", names),
  );
}
