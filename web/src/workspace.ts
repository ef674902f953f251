/** The explorer: a picture that grows on demand, the pane with its sentences, and the slider of days. */

import { ask, Problem } from "./answers.ts";
import { announce, el, root } from "./dom.ts";
import {
  EMPTY,
  filtered,
  fromNeighbourhood,
  merge,
  mountGraph,
  type GraphData,
  type GraphEdge,
  type GraphNode,
  type Theme,
} from "./graph/index.ts";
import { asFilter, makeLegend } from "./legend.ts";
import { edgeList, showEdge, showNode, wrong, type PaneActions } from "./pane.ts";
import { dayName, makeSlider } from "./slider.ts";
import { findEdge, lastDayBy, nameEdge, readState, writeState, type State } from "./state.ts";

const NODES = 60;
const NODES_OF_TWO = 140;
const NODES_OF_OPEN = 30;
const PATIENCE = 140; // milliseconds that the slider has to rest before the server is asked

export function setUpWorkspace(place: HTMLElement): void {
  const entity = place.dataset["entity"] ?? "";
  const label = place.dataset["label"] ?? "";
  const days = (place.dataset["days"] ?? "").split(" ").filter((d) => d !== "");
  const complete = place.dataset["complete"] === "yes";
  const inQuery = place.dataset["state"] === "query";

  let state = fromAddress();
  let data: GraphData = EMPTY;
  let turn = 0;

  const pane = el("div", { class: "detail" });
  const legend = el("div");
  const canvas = el("div", { class: "canvas" });
  const word = el("p", { class: "word", role: "status" });
  canvas.append(word);
  const depth = el("select", { "aria-label": "Steps from the centre" });
  for (const n of [1, 2]) depth.append(el("option", { value: n }, n === 1 ? "1 step" : `${n} steps`));
  depth.addEventListener("change", () => change({ depth: Number(depth.value) }, true));
  const slider = makeSlider(days, complete, (day) => change({ asOf: day }, true, PATIENCE));

  const bar = el(
    "div",
    { class: "bar" },
    depth,
    tool("Fit", "Show everything", () => view.fit()),
    tool("+", "Larger", () => view.zoom(1.3)),
    tool("−", "Smaller", () => view.zoom(1 / 1.3)),
    tool("Start again", "Only the first neighbours", () => change({ open: [], edge: null, node: null, hide: [], depth: 1 }, true)),
    el("span", { class: "push" }),
    tool("Copy link", "Copy the address of this view", copy),
    tool("Picture", "Save as a picture", save),
    inQuery ? null : el("a", { class: "button whole", href: whole() }, "Whole window"),
  );
  place.append(bar, canvas, el("div", { class: "pane", tabindex: 0, role: "region", "aria-label": "Evidence" }, pane, legend));
  if (slider.element !== null) place.append(slider.element);
  place.hidden = false;
  if (inQuery) {
    // What stands here without scripts is of the day that the page was loaded for; from now on the slider says the day.
    document.getElementById("list")?.remove();
    document.querySelector("main > .notice")?.remove();
  }

  const page = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = (page.dataset["theme"] ?? (dark ? "dark" : "light")) as Theme;
  const view = mountGraph(canvas, {
    data,
    theme,
    label: `Graph around ${label}`,
    onSelectNode: (node) => change({ node: node?.curie ?? null, edge: null }, false),
    onSelectEdge: (edge) => change({ edge: edge === null ? null : nameEdge(edge, data), node: null }, false),
    onExpand: toggle,
  });
  // What a test, or a person in the console, clicks on.
  Object.assign(place, { kgPlaces: () => view.places() });
  document.addEventListener("kg-theme", (event) => view.setTheme((event as CustomEvent<Theme>).detail));

  const actions: PaneActions = {
    chooseEdge: (edge) => change({ edge: nameEdge(edge, data), node: null }, false),
    chooseNode: (node) => change({ node: node.curie, edge: null }, false),
    toggle,
    isOpen: (node) => state.open.includes(node.curie),
  };

  addEventListener(inQuery ? "popstate" : "hashchange", () => {
    state = fromAddress();
    slider.set(state.asOf);
    void load();
  });
  slider.set(state.asOf);
  void load();

  function tool(text: string, meaning: string, act: () => void): HTMLButtonElement {
    return el("button", { type: "button", title: meaning, "aria-label": meaning === text ? null : `${text}: ${meaning}`, click: act }, text);
  }

  function fromAddress(): State {
    const query = new URLSearchParams(location.search);
    if (inQuery) return readState(query);
    const fragment = location.hash.slice(1);
    const words = new URLSearchParams(fragment.includes("=") ? fragment : "");
    // The day of the whole page counts where the picture has none of its own.
    if (!words.has("as_of") && query.has("as_of")) words.set("as_of", query.get("as_of") ?? "");
    return readState(words);
  }

  function address(): string {
    if (inQuery) {
      const words = writeState(state, new URLSearchParams(location.search));
      return `${location.pathname}?${words.toString()}`;
    }
    const words = writeState(state, new URLSearchParams()).toString();
    return location.pathname + location.search + (words === "" ? "" : `#${words}`);
  }

  function whole(): string {
    const words = writeState(state, new URLSearchParams({ entity }));
    return `${root()}explore?${words.toString()}`;
  }

  /** The same as data is of the same day, and as many steps. */
  function keepForms(): void {
    for (const form of document.querySelectorAll<HTMLAnchorElement>(".beside a")) {
      const target = new URL(form.href);
      target.searchParams.set("depth", String(state.depth));
      if (state.asOf === null) target.searchParams.delete("as_of");
      else target.searchParams.set("as_of", state.asOf);
      form.href = target.href;
    }
  }

  let waiting = 0;

  /** Change the state, its address and what is shown; `reload` if the server has to be asked. */
  function change(some: Partial<State>, reload: boolean, after = 0): void {
    state = { ...state, ...some };
    history.replaceState(history.state, "", address());
    const link = bar.querySelector<HTMLAnchorElement>("a.whole");
    if (link !== null) link.href = whole();
    if (inQuery) keepForms();
    if (!reload) {
      show();
      return;
    }
    clearTimeout(waiting);
    waiting = setTimeout(() => void load(), after);
  }

  function toggle(node: GraphNode): void {
    const open = state.open.includes(node.curie)
      ? state.open.filter((c) => c !== node.curie)
      : [...state.open, node.curie];
    change({ open, node: node.curie, edge: null }, true);
  }

  /** The day that the server is asked for: the last one on which anything was published. */
  function asked(): string | null | undefined {
    if (state.asOf === null) return null;
    return complete ? (lastDayBy(state.asOf, days) ?? undefined) : state.asOf;
  }

  async function load(): Promise<void> {
    turn += 1;
    const mine = turn;
    depth.value = String(Math.min(2, state.depth));
    const day = asked();
    if (day === undefined) {
      settle(EMPTY, `Nothing was published by ${dayName(state.asOf ?? "")}.`);
      return;
    }
    word.textContent = "";
    word.classList.add("busy");
    const around = (what: string, steps: number, limit: number): Promise<unknown> => {
      const words: Record<string, string> = { entity: what, depth: String(steps), limit: String(limit) };
      if (day !== null) words["as_of"] = day;
      return ask("neighbourhood", words);
    };
    try {
      const first = await around(entity, state.depth, state.depth > 1 ? NODES_OF_TWO : NODES);
      let found = fromNeighbourhood(first);
      const more = await Promise.allSettled(state.open.map((curie) => around(curie, 1, NODES_OF_OPEN)));
      for (const one of more) if (one.status === "fulfilled") found = merge(found, fromNeighbourhood(one.value));
      if (mine === turn) settle(found, "");
    } catch (error) {
      if (mine !== turn) return;
      const unknown = error instanceof Problem && error.status === 404 && state.asOf !== null;
      settle(EMPTY, unknown ? `Nothing was known of it by ${dayName(state.asOf ?? "")}.` : wrong(error));
    }
  }

  function settle(found: GraphData, said: string): void {
    data = found;
    word.classList.remove("busy");
    word.textContent = said;
    view.filter(asFilter(state.hide));
    view.update(data);
    const seen = filtered(data, asFilter(state.hide));
    place.dataset["ready"] = `${state.asOf ?? "all"} ${seen.nodes.length} ${seen.edges.length}`;
    if (said !== "") announce(said);
    else announce(`${seen.nodes.length} things, ${seen.edges.length} edges`);
    drawLegend();
    show();
  }

  function drawLegend(): void {
    const open = legend.querySelector("details")?.open;
    const made = makeLegend(data, state.hide, (hide) => {
      change({ hide }, false);
      view.filter(asFilter(state.hide));
      const seen = filtered(data, asFilter(state.hide));
      place.dataset["ready"] = `${state.asOf ?? "all"} ${seen.nodes.length} ${seen.edges.length}`;
      show();
    });
    if (open !== undefined) (made as HTMLDetailsElement).open = open;
    legend.replaceChildren(data.nodes.length === 0 ? "" : made);
  }

  /** Show in the pane and in the picture what the state has chosen. */
  function show(): void {
    const edgeId = state.edge === null ? null : findEdge(state.edge, data);
    const edge: GraphEdge | undefined = data.edges.find((e) => e.id === edgeId);
    const node = data.nodes.find((n) => n.curie === state.node);
    view.select(edge?.id ?? node?.id ?? null);
    if (edge !== undefined) showEdge(pane, data, edge, asked() ?? null);
    else if (node !== undefined) showNode(pane, data, node, asked() ?? null, actions);
    else showAll();
  }

  function showAll(): void {
    const seen = filtered(data, asFilter(state.hide));
    pane.replaceChildren(
      el("h2", {}, data.nodes.length === 0 ? "Nothing to show" : "Click an edge to read its sentence"),
      data.nodes.length === 0
        ? ""
        : el("p", { class: "muted small" }, "A double click on a thing brings its neighbours. Dashed is planned, solid took place."),
      el("details", {}, el("summary", {}, `All ${seen.edges.length} edges as a list`), edgeList(data, seen.edges, actions)),
    );
  }

  function copy(): void {
    void navigator.clipboard.writeText(location.href).then(() => announce("Link copied"));
  }

  function save(): void {
    el("a", { href: view.picture(), download: "graph.png" }).click();
  }
}
