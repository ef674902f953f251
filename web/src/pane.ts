/** The pane beside a picture: the sentences behind an edge, what is at a node, or all edges as a list. */

import { ask, entityPath, passagePath, Problem, type Claim, type Passage } from "./answers.ts";
import { el } from "./dom.ts";
import { contain, inWords, type GraphData, type GraphEdge, type GraphNode } from "./graph/index.ts";

const LISTED = 150;
const QUOTED = 12;
const MOST = 160;

export interface PaneActions {
  chooseEdge(edge: GraphEdge): void;
  chooseNode(node: GraphNode): void;
  toggle(node: GraphNode): void;
  isOpen(node: GraphNode): boolean;
}

/** A name kept to itself in its direction, and short. */
function named(text: string): HTMLElement {
  const short = text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text;
  return el("bdi", { title: short === text ? null : text.slice(0, 1000) }, contain(short));
}

function labelOf(data: GraphData, id: string): string {
  return data.nodes.find((n) => n.id === id)?.label ?? id;
}

function modalityTag(modality: string): HTMLElement | null {
  return modality === "Asserted" ? null : el("span", { class: `tag ${modality}` }, modality);
}

/** What the pane says of an edge: first what it is, then its sentences when they are there. */
export function showEdge(pane: HTMLElement, data: GraphData, edge: GraphEdge, asOf: string | null): void {
  const list = el("div", { class: "busy" }, el("span", { class: "muted" }, "Reading the sentences"));
  pane.replaceChildren(
    el(
      "h2",
      {},
      el("a", { href: entityPath(edge.source, asOf) }, named(labelOf(data, edge.source))),
      " ",
      el("em", { class: "muted" }, inWords(edge.predicate)),
      " ",
      el("a", { href: entityPath(edge.target, asOf) }, named(labelOf(data, edge.target))),
      " ",
      modalityTag(edge.modality),
    ),
    list,
  );
  const words: Record<string, string> = { s: edge.source, p: edge.predicate, o: edge.target, limit: "100" };
  if (asOf !== null) words["as_of"] = asOf;
  ask("evidence", words).then(
    (answer) => {
      const claims = (answer as { items: Claim[] }).items.filter((c) => c.modality === edge.modality);
      list.classList.remove("busy");
      list.replaceChildren(
        el("p", { class: "muted small" }, sentences(claims.length)),
        ...claims.slice(0, QUOTED).map(claimBlock),
        claims.length > QUOTED ? el("p", { class: "muted" }, `${claims.length - QUOTED} more`) : "",
      );
    },
    (error: unknown) => {
      list.classList.remove("busy");
      list.replaceChildren(el("p", { role: "alert" }, wrong(error)));
    },
  );
}

function sentences(count: number): string {
  if (count === 0) return "Derived from other facts: no sentence says it in so many words.";
  return count === 1 ? "One claim says so:" : `${count} claims say so, the surest first:`;
}

export function wrong(error: unknown): string {
  if (error instanceof Problem) return error.message;
  return "The server does not answer.";
}

function claimBlock(claim: Claim): HTMLElement {
  const details = [
    claim.attribution === null ? null : `according to ${claim.attribution}`,
    claim.valid_time === null ? null : `for ${claim.valid_time}`,
    claim.confidence === null ? null : `confidence ${claim.confidence.toFixed(2)}`,
  ].filter((d) => d !== null);
  return el(
    "section",
    { class: "evidence" },
    ...claim.passages.map((p) => quote(claim, p)),
    details.length > 0 ? el("p", { class: "muted small" }, details.join(" · ")) : null,
  );
}

function quote(claim: Claim, passage: Passage): HTMLElement {
  const title = claim.document.title ?? claim.document.identifiers.join(", ");
  return el(
    "blockquote",
    {},
    el("span", { class: "context" }, passage.before),
    el("mark", {}, passage.quote),
    el("span", { class: "context" }, passage.after),
    el(
      "cite",
      {},
      el("a", { class: "source", href: passagePath(claim, passage) }, "In the document"),
      ": ",
      named(title === "" ? claim.document.curie : title),
      claim.document.as_of === null ? null : el("time", { class: "day", datetime: claim.document.as_of }, ` ${claim.document.as_of}`),
    ),
  );
}

/** What the pane says of a node: what it is, and its edges. */
export function showNode(
  pane: HTMLElement,
  data: GraphData,
  node: GraphNode,
  asOf: string | null,
  actions: PaneActions,
): void {
  const mine = data.edges.filter((e) => e.source === node.id || e.target === node.id);
  const left = data.cut.get(node.id) ?? 0;
  pane.replaceChildren(
    el("p", { class: "kicker" }, el("span", { class: `kind ${node.kind ?? ""}` }, inWords(node.subkind ?? node.kind ?? "thing"))),
    el("h2", {}, el("a", { href: entityPath(node.id, asOf) }, named(node.label))),
    node.status === null ? "" : el("p", {}, el("span", { class: `tag ${node.status}` }, node.status)),
    el(
      "p",
      {},
      node.id === data.centre
        ? null
        : el("button", { type: "button", class: "expand", click: () => actions.toggle(node) }, actions.isOpen(node) ? "Hide its neighbours" : "Show its neighbours"),
      " ",
      el("a", { class: "button", href: entityPath(node.id, asOf) }, "Open its page"),
    ),
    left > 0 ? el("p", { class: "muted small" }, `${left} more neighbours are left out.`) : "",
    edgeList(data, mine, actions, node.id),
  );
}

/** All edges as a list of buttons: what the picture has, for the keyboard and for screen readers. */
export function edgeList(data: GraphData, edges: GraphEdge[], actions: PaneActions, from: string | null = null): HTMLElement {
  const items = edges.slice(0, LISTED).map((edge) => {
    const outward = edge.source === from;
    const inward = edge.target === from;
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", click: () => actions.chooseEdge(edge) },
        outward ? null : named(labelOf(data, edge.source)),
        outward ? null : " ",
        el("em", {}, inWords(edge.predicate)),
        inward ? null : " ",
        inward ? null : named(labelOf(data, edge.target)),
        " ",
        modalityTag(edge.modality),
      ),
    );
  });
  const more = edges.length - items.length;
  return el("ul", { class: "edges" }, ...items, more > 0 ? el("li", { class: "muted" }, `${more} more`) : null);
}
