/** What a picture of a graph shows, and how it is read from the answers of `/neighbourhood`. */

export type Modality = "Asserted" | "Planned" | "Denied" | "Former";

export const MODALITIES: readonly Modality[] = ["Asserted", "Planned", "Denied", "Former"];

export const KINDS = [
  "Person",
  "Office",
  "Organization",
  "Facility",
  "Agreement",
  "Place",
  "Equipment",
  "Event",
] as const;

export type Kind = (typeof KINDS)[number];

export interface GraphNode {
  /** Its IRI. */
  id: string;
  /** How the service writes it for short; what requests name it by. */
  curie: string;
  label: string;
  /** Top class; null for what has none of ours. */
  kind: string | null;
  subkind: string | null;
  /** Edges from the centre; null if unknown. */
  hops: number | null;
  /** Where an event stands (`held`, `planned` …); null for all else. */
  status: string | null;
  /** When an event takes place (EDTF); null for all else, or if it is unknown. */
  date: string | null;
}

export interface GraphEdge {
  /** The same in every answer that holds the edge. */
  id: string;
  source: string;
  target: string;
  /** CURIE or local name of the relation. */
  predicate: string;
  modality: Modality;
  claimCount: number;
}

export interface GraphData {
  centre: string | null;
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** Node → how many of its neighbours the limit left out. */
  cut: ReadonlyMap<string, number>;
}

export const EMPTY: GraphData = { centre: null, nodes: [], edges: [], cut: new Map() };

/** A relation's or a class's name in words: `kg:holdsOffice` is "holds office". */
export function inWords(name: string): string {
  const local = name.replace(/^.*[#/:]/u, "");
  return local.replace(/([a-z\d])([A-Z])/gu, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
}

export function asModality(value: unknown): Modality {
  return MODALITIES.find((m) => m === value) ?? "Asserted";
}

export function edgeId(source: string, predicate: string, target: string, modality: string): string {
  return [source, predicate, target, modality].join("\u001f");
}

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** The answer of `/neighbourhood?format=json` as a picture's data; what does not fit is left out. */
export function fromNeighbourhood(answer: unknown): GraphData {
  const body = isObject(answer) ? answer : {};
  const nodes: GraphNode[] = [];
  const known = new Set<string>();
  for (const found of list(body["nodes"])) {
    const id = text(found["iri"]) ?? text(found["id"]);
    if (id === null || known.has(id)) continue;
    known.add(id);
    const attributes = isObject(found["attributes"]) ? found["attributes"] : {};
    const date = attributes["date"] ?? found["date"];
    const status = attributes["status"] ?? found["status"];
    nodes.push({
      id,
      curie: text(found["curie"]) ?? id,
      label: text(found["label"]) ?? id,
      kind: text(found["kind"]),
      subkind: text(found["subkind"]),
      hops: typeof found["hops"] === "number" ? found["hops"] : null,
      status: text(Array.isArray(status) ? status[0] : status),
      date: text(Array.isArray(date) ? date[0] : date),
    });
  }
  const edges = new Map<string, GraphEdge>();
  for (const found of list(body["edges"])) {
    const source = text(found["source"]);
    const target = text(found["target"]);
    const predicate = text(found["predicate"]);
    if (source === null || target === null || predicate === null) continue;
    if (!known.has(source) || !known.has(target)) continue;
    const modality = asModality(found["modality"]);
    const id = edgeId(source, predicate, target, modality);
    const count = found["claim_count"];
    edges.set(id, {
      id,
      source,
      target,
      predicate,
      modality,
      claimCount: typeof count === "number" ? count : 0,
    });
  }
  const cut = new Map<string, number>();
  for (const found of list(body["cut"])) {
    const iri = text(found["iri"]);
    const left = found["left_out"];
    if (iri !== null && typeof left === "number") cut.set(iri, left);
  }
  return { centre: text(body["centre"]), nodes, edges: [...edges.values()], cut };
}

/** Both pictures as one: what `more` says of a node counts, but its distance from the first centre. */
export function merge(first: GraphData, more: GraphData): GraphData {
  const nodes = new Map(first.nodes.map((n) => [n.id, n]));
  for (const node of more.nodes) {
    const before = nodes.get(node.id);
    nodes.set(node.id, before === undefined ? node : { ...node, hops: before.hops });
  }
  const edges = new Map(first.edges.map((e) => [e.id, e]));
  for (const edge of more.edges) edges.set(edge.id, edge);
  const cut = new Map(first.cut);
  if (more.centre !== null) cut.delete(more.centre);
  for (const [id, left] of more.cut) if (!first.cut.has(id) || id === more.centre) cut.set(id, left);
  return { centre: first.centre ?? more.centre, nodes: [...nodes.values()], edges: [...edges.values()], cut };
}

export interface Filter {
  /** Top classes that are not shown. */
  kinds: ReadonlySet<string>;
  /** Relations that are not shown, as `inWords` has them. */
  predicates: ReadonlySet<string>;
  /** Modalities that are not shown. */
  modalities: ReadonlySet<string>;
}

export const NO_FILTER: Filter = { kinds: new Set(), predicates: new Set(), modalities: new Set() };

/** What of `data` a filter leaves: the centre stays, and nodes that lose all their edges go. */
export function filtered(data: GraphData, filter: Filter): GraphData {
  const shown = new Set(
    data.nodes.filter((n) => n.id === data.centre || !filter.kinds.has(n.kind ?? "")).map((n) => n.id),
  );
  const edges = data.edges.filter(
    (e) =>
      shown.has(e.source) &&
      shown.has(e.target) &&
      !filter.modalities.has(e.modality) &&
      !filter.predicates.has(inWords(e.predicate)),
  );
  const joined = new Set(edges.flatMap((e) => [e.source, e.target]));
  const nodes = data.nodes.filter((n) => shown.has(n.id) && (n.id === data.centre || joined.has(n.id)));
  return { ...data, nodes, edges };
}

/** What a picture writes at a node: events by class and day, since who takes part stands around them. */
export function pictureLabel(node: GraphNode): string {
  if (node.kind === "Event" && node.date !== null) {
    return `${inWords(node.subkind ?? "Event")} ${node.date.replace("/", " to ")}`;
  }
  return node.label;
}

/**
 * `text` without a mark that turns the direction of what comes after it: isolates that are left open are closed, ends
 * without a beginning left out (UAX #9).
 */
export function contain(text: string): string {
  if (!/[\u2066-\u2069]/u.test(text)) return text;
  let depth = 0;
  let kept = "";
  for (const character of text) {
    if (character >= "\u2066" && character <= "\u2068") depth += 1;
    else if (character === "\u2069") {
      if (depth === 0) continue;
      depth -= 1;
    }
    kept += character;
  }
  return kept + "\u2069".repeat(depth);
}

/** `text` in at most `most` characters, between marks that keep its direction to itself. */
export function shortLabel(label: string, most: number): string {
  const all = [...label.replace(/\s+/gu, " ").slice(0, most * 4)];
  const short = all.length > most ? `${all.slice(0, most - 1).join("").trimEnd()}…` : all.join("");
  return `\u2068${contain(short)}\u2069`;
}
