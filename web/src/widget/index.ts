/** The notebook's widget, for anywidget: the graph, and below it what is chosen, with the sentences behind it. */

import { fromNeighbourhood, inWords, mountGraph, type GraphEdge, type GraphNode, type Theme } from "../graph/index.ts";
import { edgeId } from "../graph/model.ts";

/** What anywidget gives: the traits of `kg.notebook.widget.GraphWidget`. */
interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: unknown): void;
  on(event: string, callback: (...values: never[]) => void): void;
  off(event: string, callback: (...values: never[]) => void): void;
}

interface Quote {
  quote: string;
  document: string;
  as_of: string | null;
  attribution: string | null;
}

type Json = Record<string, unknown>;

const SHEET = `
.kg-widget { font: 13px/1.45 system-ui, sans-serif; border: 1px solid rgba(128, 128, 128, 0.35); border-radius: 6px;
  overflow: hidden; color: #1b1b1b; background: #fff; }
.kg-widget[data-theme="dark"] { color: #e8e8e8; background: #14171b; }
.kg-widget-stage { width: 100%; }
.kg-widget-panel { border-top: 1px solid rgba(128, 128, 128, 0.35); padding: 8px 12px; max-height: 13em;
  overflow: auto; }
.kg-widget-panel p { margin: 0 0 4px; }
.kg-widget-panel blockquote { margin: 4px 0 6px; padding: 0 0 0 10px; border-left: 3px solid rgba(128, 128, 128, 0.5);
  color: inherit; }
.kg-widget-panel small { opacity: 0.75; }
.kg-widget button { font: inherit; color: inherit; background: transparent; border: 1px solid rgba(128, 128, 128, 0.6);
  border-radius: 4px; padding: 1px 8px; margin: 0 6px 0 0; cursor: pointer; }
.kg-widget button:focus-visible { outline: 2px solid currentColor; outline-offset: 1px; }
`;

let sheet: CSSStyleSheet | undefined;

function adopt(element: HTMLElement): void {
  const root = element.getRootNode();
  const home = root instanceof ShadowRoot ? root : document;
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(SHEET);
  }
  if (!home.adoptedStyleSheets.includes(sheet)) home.adoptedStyleSheets = [...home.adoptedStyleSheets, sheet];
}

/** The page's own theme: JupyterLab, VS Code and marimo each say it in a way of their own. */
function pageTheme(): Theme {
  const { body, documentElement: page } = document;
  if (body.dataset["jpThemeLight"] !== undefined) return body.dataset["jpThemeLight"] === "false" ? "dark" : "light";
  const classes = [...body.classList, ...page.classList];
  if (classes.some((c) => c === "dark" || c === "vscode-dark" || c === "vscode-high-contrast")) return "dark";
  if (classes.some((c) => c === "light" || c === "vscode-light")) return "light";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function text(name: string, content: string, parent: HTMLElement): HTMLElement {
  const made = document.createElement(name);
  made.textContent = content;
  parent.append(made);
  return made;
}

function quotesOf(data: unknown, edge: GraphEdge): Quote[] {
  const edges = (data as { edges?: Json[] }).edges ?? [];
  const found = edges.find(
    (e) => edgeId(String(e["source"]), String(e["predicate"]), String(e["target"]), String(e["modality"])) === edge.id,
  );
  const claims = found?.["claims"];
  return Array.isArray(claims) ? (claims as Quote[]) : [];
}

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  adopt(el);
  const box = document.createElement("div");
  box.className = "kg-widget";
  const stage = document.createElement("div");
  stage.className = "kg-widget-stage";
  stage.style.height = `${Number(model.get("height")) || 420}px`;
  const panel = document.createElement("div");
  panel.className = "kg-widget-panel";
  panel.setAttribute("aria-live", "polite");
  box.append(stage, panel);
  el.append(box);

  const theme = (): Theme => {
    const wanted = model.get("theme");
    return wanted === "dark" || wanted === "light" ? wanted : pageTheme();
  };
  box.dataset["theme"] = theme();

  let data = fromNeighbourhood(model.get("data"));
  const label = (iri: string): string => data.nodes.find((n) => n.id === iri)?.label ?? iri;

  function choose(selected: Json | null): void {
    model.set("selected", selected);
    model.save_changes();
  }

  function idle(): void {
    panel.replaceChildren();
    const left = [...data.cut.values()].reduce((sum, n) => sum + n, 0);
    text(
      "small",
      `${data.nodes.length} nodes, ${data.edges.length} edges${left > 0 ? `, ${left} neighbours left out` : ""}. ` +
        "Click an edge for its sentence; double-click a node, or press Enter on it, for more around it.",
      panel,
    );
  }

  function showNode(node: GraphNode): void {
    panel.replaceChildren();
    const line = text("p", "", panel);
    text("b", node.label, line);
    text("small", ` ${inWords(node.subkind ?? node.kind ?? "thing")} · ${node.curie}`, line);
    const more = text("button", "Expand", panel) as HTMLButtonElement;
    more.type = "button";
    more.addEventListener("click", () => expand(node));
  }

  function showEdge(edge: GraphEdge): void {
    panel.replaceChildren();
    const line = text("p", "", panel);
    text("b", `${label(edge.source)} ${inWords(edge.predicate)} ${label(edge.target)}`, line);
    text("small", ` ${edge.modality.toLowerCase()} · ${edge.claimCount} claims`, line);
    for (const claim of quotesOf(model.get("data"), edge)) {
      const quote = text("blockquote", `${claim.quote.replace(/\s+/gu, " ")} `, panel);
      const said = claim.attribution === null ? "" : `according to ${claim.attribution}, `;
      text("small", `${said}${claim.as_of ?? "without a day"}`, quote);
    }
  }

  function expand(node: GraphNode): void {
    model.send({ kind: "expand", iri: node.id });
  }

  const view = mountGraph(stage, {
    data,
    theme: theme(),
    label: String(model.get("label") ?? "Graph"),
    onSelectNode(node) {
      if (node === null) {
        idle();
        choose(null);
        return;
      }
      showNode(node);
      choose({ type: "node", iri: node.id, curie: node.curie, label: node.label, kind: node.kind });
    },
    onSelectEdge(edge) {
      if (edge === null) return;
      showEdge(edge);
      choose({
        type: "edge",
        source: edge.source,
        predicate: edge.predicate,
        target: edge.target,
        modality: edge.modality,
        sentences: quotesOf(model.get("data"), edge).map((q) => q.quote),
      });
    },
    onExpand: expand,
  });
  idle();

  function onData(): void {
    data = fromNeighbourhood(model.get("data"));
    view.update(data);
    idle();
  }
  function onTheme(): void {
    box.dataset["theme"] = theme();
    view.setTheme(theme());
  }
  function onMessage(message: unknown): void {
    const told = message as { kind?: unknown; text?: unknown };
    if (told.kind === "error") {
      panel.replaceChildren();
      text("small", String(told.text), panel);
    }
  }
  model.on("change:data", onData);
  model.on("change:theme", onTheme);
  model.on("msg:custom", onMessage as (...values: never[]) => void);
  const watch = new MutationObserver(onTheme);
  for (const page of [document.body, document.documentElement]) {
    watch.observe(page, { attributes: true, attributeFilter: ["class", "data-jp-theme-light"] });
  }
  // what tests click on: where nodes and edges are drawn
  (box as unknown as { places: () => unknown }).places = () => [...view.places()];

  return () => {
    model.off("change:data", onData);
    model.off("change:theme", onTheme);
    model.off("msg:custom", onMessage as (...values: never[]) => void);
    watch.disconnect();
    view.destroy();
    box.remove();
  };
}

export default { render };
