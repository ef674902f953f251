/** The picture of a graph: drawn by Cytoscape.js, moved by pointer or keys, the same in the explorer and in notebooks. */

import cytoscape from "cytoscape";

import { layOut, type Point } from "./layout.ts";
import { PALETTES, styleOf, type Theme } from "./look.ts";
import {
  filtered,
  inWords,
  NO_FILTER,
  pictureLabel,
  shortLabel,
  type Filter,
  type GraphData,
  type GraphEdge,
  type GraphNode,
} from "./model.ts";

export interface GraphOptions {
  data: GraphData;
  /** A node was chosen by pointer or keys; null when nothing is chosen any more. */
  onSelectNode?: (node: GraphNode | null) => void;
  /** An edge was chosen; null when nothing is chosen any more. */
  onSelectEdge?: (edge: GraphEdge | null) => void;
  /** More is wanted around a node: a double click, or Enter on a chosen node. */
  onExpand?: (node: GraphNode) => void;
  /** Without it, what the reader's system prefers. */
  theme?: Theme;
  /** Named by screen readers. */
  label?: string;
}

export interface GraphView {
  /** Draw other data; nodes that stay keep their places. */
  update(data: GraphData): void;
  /** Hide classes, relations or modalities. */
  filter(filter: Filter): void;
  /** Choose a node or an edge by its id, as a click would but without telling anyone; null for nothing. */
  select(id: string | null): void;
  setTheme(theme: Theme): void;
  /** Show everything. */
  fit(): void;
  /** Make it larger (above 1) or smaller around its middle. */
  zoom(factor: number): void;
  /** A PNG picture of what is shown, as a data URL. */
  picture(): string;
  /** Where the nodes are drawn, by id, in pixels from the element's upper left corner: what tests click on. */
  places(): Map<string, Point>;
  destroy(): void;
}

const STYLE_ID = "__________cytoscape_stylesheet";
const HELP =
  "Arrow keys go from node to node, comma and full stop from edge to edge of a node, Enter brings more of its " +
  "neighbours, plus and minus zoom, zero shows everything, Escape lets go.";
const NAMED_EDGES = 22;

const SHEET = `
.kg-graph { position: relative; width: 100%; height: 100%; min-height: 16rem; outline: none; overflow: hidden;
  touch-action: none; }
.kg-graph:focus-visible { outline: 3px solid var(--accent, #0b57a4); outline-offset: -3px; }
.kg-graph-said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
`;

/** Draw a graph in `element`, which has a size of its own. */
export function mountGraph(element: HTMLElement, options: GraphOptions): GraphView {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  let theme: Theme = options.theme ?? (dark ? "dark" : "light");
  let data = options.data;
  let hidden = NO_FILTER;
  let shown = filtered(data, hidden);
  let chosen: string | null = null;
  const places = new Map<string, Point>();

  adopt(element);
  const stage = document.createElement("div");
  stage.className = "kg-graph";
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.setAttribute("aria-label", options.label ?? "Graph");
  const help = said(HELP);
  help.id = `kg-graph-help-${Math.trunc(performance.now() * 1000).toString(36)}`;
  stage.setAttribute("aria-describedby", help.id);
  const voice = said("");
  voice.setAttribute("aria-live", "polite");
  element.append(stage, help, voice);

  const cy = cytoscape({
    container: stage,
    style: styleOf(theme),
    minZoom: 0.08,
    maxZoom: 4,
    boxSelectionEnabled: false,
    selectionType: "single",
    autounselectify: true,
  });

  function wide(): number {
    const box = stage.getBoundingClientRect();
    return box.height > 0 ? Math.min(2.2, Math.max(0.55, box.width / box.height)) : 1.4;
  }

  function draw(first: boolean): void {
    shown = filtered(data, hidden);
    const found = layOut(shown, known(), wide(), stage.clientWidth < 520 ? 0.66 : 1);
    for (const [id, place] of found) places.set(id, place);
    const degree = new Map<string, number>();
    for (const e of shown.edges) {
      for (const end of [e.source, e.target]) degree.set(end, (degree.get(end) ?? 0) + 1);
    }
    const wanted = new Set([...shown.nodes.map((n) => n.id), ...shown.edges.map((e) => e.id)]);
    cy.batch(() => {
      cy.elements()
        .filter((e) => !wanted.has(e.id()))
        .remove();
      for (const node of shown.nodes) {
        const values = nodeValues(node, degree.get(node.id) ?? 0);
        const there = cy.getElementById(node.id);
        if (there.nonempty()) there.data(values);
        else cy.add({ group: "nodes", data: values, position: { ...(found.get(node.id) as Point) } });
      }
      for (const edge of shown.edges) {
        const values = edgeValues(edge);
        const there = cy.getElementById(edge.id);
        if (there.nonempty()) there.data(values);
        else cy.add({ group: "edges", data: values });
      }
      cy.edges().toggleClass("named", shown.edges.length <= NAMED_EDGES);
    });
    if (chosen !== null && !wanted.has(chosen)) choose(null, true);
    else mark();
    if (first) fit(false);
    else if (!inSight()) fit(true);
  }

  function known(): Map<string, Point> {
    return new Map(shown.nodes.flatMap((n) => (places.has(n.id) ? [[n.id, places.get(n.id) as Point]] : [])));
  }

  function nodeValues(node: GraphNode, degree: number): Record<string, unknown> {
    const centre = node.id === data.centre;
    return {
      id: node.id,
      // A long word may be broken: at a space of no width.
      short: shortLabel(pictureLabel(node), 48).replace(/\S{20}(?=\S{4})/gu, "$&\u200b"),
      kind: node.kind ?? "",
      status: node.status ?? "",
      size: Math.round((centre ? 34 : 18) + Math.min(12, 3 * Math.sqrt(degree))),
      centre: centre ? 1 : 0,
      more: data.cut.has(node.id) ? 1 : 0,
    };
  }

  function edgeValues(edge: GraphEdge): Record<string, unknown> {
    return {
      id: edge.id,
      source: edge.source,
      target: edge.target,
      short: inWords(edge.predicate),
      modality: edge.modality,
      width: 1.3 + Math.min(2.4, 0.5 * Math.log2(1 + edge.claimCount)),
    };
  }

  function inSight(): boolean {
    const box = cy.elements().boundingBox();
    const view = cy.extent();
    return box.x1 >= view.x1 && box.x2 <= view.x2 && box.y1 >= view.y1 && box.y2 <= view.y2;
  }

  function fit(moving: boolean): void {
    if (cy.nodes().empty()) return;
    const box = cy.elements().boundingBox();
    const room = 28;
    const zoom = Math.min(
      1.25,
      (cy.width() - 2 * room) / Math.max(1, box.w),
      (cy.height() - 2 * room) / Math.max(1, box.h),
    );
    const level = Math.max(cy.minZoom(), zoom);
    const pan = {
      x: cy.width() / 2 - level * ((box.x1 + box.x2) / 2),
      y: cy.height() / 2 - level * ((box.y1 + box.y2) / 2),
    };
    if (moving && !still) cy.animate({ zoom: level, pan }, { duration: 350, easing: "ease-in-out-cubic" });
    else cy.viewport({ zoom: level, pan });
  }

  /** Light up what is chosen and what is joined to it. */
  function mark(): void {
    cy.batch(() => {
      cy.elements().removeClass("chosen near aside");
      if (chosen === null) return;
      const at = cy.getElementById(chosen);
      if (at.empty()) return;
      const isNode: boolean = at.group() === "nodes";
      const around = isNode ? at.closedNeighborhood() : at.union(at.connectedNodes());
      cy.elements().not(around).addClass("aside");
      around.addClass("near");
      at.addClass("chosen");
      if (shown.edges.length > NAMED_EDGES) {
        cy.edges().removeClass("named");
        if (at.isNode() && around.edges().length <= NAMED_EDGES) around.edges().addClass("named");
      }
    });
  }

  function choose(id: string | null, tell: boolean): void {
    chosen = id;
    mark();
    const node = shown.nodes.find((n) => n.id === id) ?? null;
    const edge = shown.edges.find((e) => e.id === id) ?? null;
    voice.textContent = node !== null ? describe(node) : edge !== null ? sentence(edge) : "";
    if (!tell) return;
    if (edge !== null) options.onSelectEdge?.(edge);
    else if (node !== null) options.onSelectNode?.(node);
    else {
      options.onSelectNode?.(null);
      options.onSelectEdge?.(null);
    }
  }

  function describe(node: GraphNode): string {
    const count = shown.edges.filter((e) => e.source === node.id || e.target === node.id).length;
    const kind = inWords(node.subkind ?? node.kind ?? "thing");
    return `${shortLabel(node.label, 120)}, ${kind}, ${count} ${count === 1 ? "edge" : "edges"}`;
  }

  function sentence(edge: GraphEdge): string {
    const label = (id: string): string => shortLabel(data.nodes.find((n) => n.id === id)?.label ?? id, 80);
    return `${label(edge.source)} ${inWords(edge.predicate)} ${label(edge.target)}, ${edge.modality.toLowerCase()}`;
  }

  function expand(id: string): void {
    const node = shown.nodes.find((n) => n.id === id);
    if (node !== undefined) options.onExpand?.(node);
  }

  cy.on("tap", (event) => {
    if (event.target === cy) choose(null, true);
    else choose((event.target as cytoscape.SingularElementArgument).id(), true);
  });
  cy.on("dbltap", "node", (event) => expand((event.target as cytoscape.NodeSingular).id()));
  cy.on("dragfree", "node", (event) => {
    const node = event.target as cytoscape.NodeSingular;
    places.set(node.id(), { ...node.position() });
  });
  cy.on("mouseover", "node, edge", (event) => {
    stage.style.cursor = "pointer";
    const target = event.target as cytoscape.SingularElementReturnValue;
    if (target.isEdge()) target.addClass("named");
  });
  cy.on("mouseout", "node, edge", (event) => {
    stage.style.cursor = "";
    const target = event.target as cytoscape.SingularElementReturnValue;
    if (target.isEdge() && shown.edges.length > NAMED_EDGES && !target.hasClass("near")) {
      target.removeClass("named");
    }
  });

  /** The node a step in a direction leads to: near, and not far off the line. */
  function towards(dx: number, dy: number): string | null {
    const from = chosen === null ? null : nodeOf(chosen);
    const here = from === null ? null : cy.getElementById(from).position();
    if (here === null) return data.centre ?? shown.nodes[0]?.id ?? null;
    let best: string | null = null;
    let least = Infinity;
    for (const node of cy.nodes()) {
      if (node.id() === from) continue;
      const { x, y } = node.position();
      const along = (x - here.x) * dx + (y - here.y) * dy;
      const off = Math.abs((x - here.x) * dy - (y - here.y) * dx);
      if (along > 1 && off <= 2 * along && along + 2 * off < least) {
        least = along + 2 * off;
        best = node.id();
      }
    }
    return best ?? from;
  }

  function nodeOf(id: string): string | null {
    const edge = shown.edges.find((e) => e.id === id);
    return edge !== undefined ? (anchor ?? edge.source) : id;
  }

  let anchor: string | null = null;

  function nextEdge(step: number): string | null {
    const node = chosen === null ? data.centre : nodeOf(chosen);
    if (node === null) return null;
    const mine = shown.edges.filter((e) => e.source === node || e.target === node).map((e) => e.id);
    if (mine.length === 0) return chosen;
    anchor = node;
    const at = chosen === null ? -1 : mine.indexOf(chosen);
    return mine[(at + step + mine.length + (at < 0 && step < 0 ? 1 : 0)) % mine.length] ?? null;
  }

  const steps: Record<string, [number, number]> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };

  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = steps[event.key];
    if (step !== undefined) {
      const to = towards(...step);
      anchor = null;
      choose(to, true);
    } else if (event.key === "," || event.key === ".") choose(nextEdge(event.key === "." ? 1 : -1), true);
    else if (event.key === "Enter" && chosen !== null) expand(nodeOf(chosen) ?? chosen);
    else if (event.key === "Escape" && chosen !== null) choose(null, true);
    else if (event.key === "+" || event.key === "=") zoom(1.25);
    else if (event.key === "-") zoom(0.8);
    else if (event.key === "0") fit(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  function zoom(factor: number): void {
    cy.zoom({
      level: Math.min(cy.maxZoom(), Math.max(cy.minZoom(), cy.zoom() * factor)),
      renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 },
    });
  }

  let drawn = false;
  const watch = new ResizeObserver(() => {
    cy.resize();
    const box = stage.getBoundingClientRect();
    if (box.width > 0 && box.height > 0 && !drawn) {
      drawn = true;
      draw(true);
    } else if (drawn && !inSight()) fit(false);
  });
  watch.observe(stage);

  return {
    update(next) {
      data = next;
      if (drawn) draw(cy.nodes().empty());
    },
    filter(next) {
      hidden = next;
      if (drawn) draw(false);
    },
    select(id) {
      choose(id, false);
    },
    setTheme(next) {
      theme = next;
      cy.style(styleOf(theme));
    },
    fit: () => fit(true),
    zoom,
    picture: () => cy.png({ full: true, scale: 2, bg: PALETTES[theme].paper }),
    places: () =>
      new Map([
        ...cy.nodes().map((n): [string, Point] => [n.id(), { ...n.renderedPosition() }]),
        ...cy.edges().map((e): [string, Point] => [e.id(), { ...e.renderedMidpoint() }]),
      ]),
    destroy() {
      watch.disconnect();
      cy.destroy();
      stage.remove();
      help.remove();
      voice.remove();
    },
  };
}

function said(text: string): HTMLElement {
  const line = document.createElement("span");
  line.className = "kg-graph-said";
  line.textContent = text;
  return line;
}

/** Give the element's document the component's style as an adopted sheet, which no content security policy refuses. */
function adopt(element: HTMLElement): void {
  if (document.getElementById(STYLE_ID) === null) {
    // Cytoscape would write a <style> of its own, which a strict policy refuses, unless something has this id.
    const mark = document.createElement("meta");
    mark.id = STYLE_ID;
    document.head.append(mark);
  }
  const root = element.getRootNode();
  const home = root instanceof ShadowRoot ? root : document;
  let sheet = sheets.get(home);
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(SHEET);
    sheets.set(home, sheet);
  }
  if (!home.adoptedStyleSheets.includes(sheet)) home.adoptedStyleSheets = [...home.adoptedStyleSheets, sheet];
}

const sheets = new WeakMap<Document | ShadowRoot, CSSStyleSheet>();
