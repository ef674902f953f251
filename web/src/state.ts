/** The state of a picture, as its address has it: what is copied from the address bar opens the same picture. */

import { edgeId, type GraphData, type GraphEdge } from "./graph/model.ts";

export interface State {
  depth: number;
  /** A day (YYYY-MM-DD); null for all that is known. */
  asOf: string | null;
  /** CURIEs of the nodes whose neighbours are shown, too. */
  open: string[];
  /** CURIEs and modality of the chosen edge, parted by spaces; null for none. */
  edge: string | null;
  /** CURIE of the chosen node; null for none. */
  node: string | null;
  /** Classes, relations and modalities that are not shown. */
  hide: string[];
}

const DAY = /^\d{4}-\d{2}-\d{2}$/u;

export function readState(words: URLSearchParams): State {
  const depth = Number(words.get("depth") ?? "1");
  const asOf = words.get("as_of");
  return {
    depth: Number.isInteger(depth) && depth >= 1 && depth <= 3 ? depth : 1,
    asOf: asOf !== null && DAY.test(asOf) ? asOf : null,
    open: [...new Set(words.getAll("open"))].slice(0, 40),
    edge: words.get("edge"),
    node: words.get("node"),
    hide: [...new Set(words.getAll("hide"))].slice(0, 100),
  };
}

/** `words` with the state in it; what is as usual is left out. */
export function writeState(state: State, words: URLSearchParams): URLSearchParams {
  const out = new URLSearchParams(words);
  for (const name of ["depth", "as_of", "open", "edge", "node", "hide"]) out.delete(name);
  if (state.depth !== 1) out.set("depth", String(state.depth));
  if (state.asOf !== null) out.set("as_of", state.asOf);
  for (const curie of state.open) out.append("open", curie);
  if (state.edge !== null) out.set("edge", state.edge);
  else if (state.node !== null) out.set("node", state.node);
  for (const name of state.hide) out.append("hide", name);
  return out;
}

/** How an address names an edge. */
export function nameEdge(edge: GraphEdge, data: GraphData): string {
  const curie = (id: string): string => data.nodes.find((n) => n.id === id)?.curie ?? id;
  return [curie(edge.source), edge.predicate, curie(edge.target), edge.modality].join(" ");
}

/** The id of the edge that an address names, or null if it is not there. */
export function findEdge(name: string, data: GraphData): string | null {
  const [source, predicate, target, modality] = name.split(" ");
  const id = (curie: string | undefined): string =>
    data.nodes.find((n) => n.curie === curie || n.id === curie)?.id ?? "";
  const wanted = edgeId(id(source), predicate ?? "", id(target), modality ?? "");
  return data.edges.some((e) => e.id === wanted) ? wanted : null;
}

/** The last of the sorted `days` that is not after `day`, or null if all are. */
export function lastDayBy(day: string, days: readonly string[]): string | null {
  let found: string | null = null;
  for (const one of days) if (one <= day) found = one;
  return found;
}

const MILLISECONDS = 86_400_000;

/** Days since 1970-01-01. */
export function dayNumber(day: string): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / MILLISECONDS);
}

export function dayText(number: number): string {
  return new Date(number * MILLISECONDS).toISOString().slice(0, 10);
}
