/**
 * Where the nodes of a picture stand: forces, started from rings around the centre. The same data give the same
 * picture, and nodes that have a place move little when others come.
 */

import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type SimulationLinkDatum,
  type SimulationNodeDatum,
} from "d3-force";

import type { GraphData } from "./model.ts";

export interface Point {
  x: number;
  y: number;
}

interface Body extends SimulationNodeDatum {
  id: string;
  degree: number;
}

const RING = 190;

/**
 * Node → place. `known` are the places of nodes that were there before; `wide` is width by height, `scale` how much of the
 * usual room there is.
 */
export function layOut(
  data: GraphData,
  known: ReadonlyMap<string, Point> = new Map(),
  wide = 1.4,
  scale = 1,
): Map<string, Point> {
  const degree = new Map<string, number>();
  for (const edge of data.edges) {
    for (const end of [edge.source, edge.target]) degree.set(end, (degree.get(end) ?? 0) + 1);
  }
  const bodies: Body[] = data.nodes.map((n) => ({ id: n.id, degree: degree.get(n.id) ?? 0 }));
  const byId = new Map(bodies.map((b) => [b.id, b]));
  const fresh = bodies.filter((b) => !known.has(b.id));
  for (const body of bodies) {
    const place = known.get(body.id);
    if (place !== undefined) Object.assign(body, place);
  }
  startOnRings(data, fresh, byId, wide);
  const centre = data.centre === null ? undefined : byId.get(data.centre);
  if (centre !== undefined) Object.assign(centre, { fx: centre.x, fy: centre.y });
  const links: SimulationLinkDatum<Body>[] = pairs(data).map(([source, target]) => ({ source, target }));
  // Few nodes have room for the words on their edges.
  const room = scale * (bodies.length <= 14 ? 165 : bodies.length <= 40 ? 125 : 90);
  const settled = bodies.length > 0 && fresh.length === 0;
  const simulation = forceSimulation<Body>(bodies)
    .force(
      "link",
      forceLink<Body, SimulationLinkDatum<Body>>(links)
        .id((b) => b.id)
        .distance((l) => room + 12 * Math.sqrt(Math.min(degreeOf(l.source), degreeOf(l.target)) + 1)),
    )
    .force("charge", forceManyBody<Body>().strength((b) => scale * -520 - 60 * Math.sqrt(b.degree)).distanceMax(900))
    .force("collide", forceCollide<Body>(52).strength(0.9).iterations(2))
    .force("x", forceX<Body>(0).strength(0.05 / Math.sqrt(wide)))
    .force("y", forceY<Body>(0).strength(0.05 * Math.sqrt(wide)))
    .stop();
  if (known.size > 0) {
    // Who is there already is pinned while the newcomers find their places.
    for (const body of bodies) if (known.has(body.id)) Object.assign(body, { fx: body.x, fy: body.y });
  }
  if (!settled) simulation.tick(bodies.length > 400 ? 120 : 300);
  return new Map(bodies.map((b) => [b.id, { x: b.x ?? 0, y: b.y ?? 0 }]));
}

function degreeOf(end: Body | string | number): number {
  return typeof end === "object" ? end.degree : 0;
}

function pairs(data: GraphData): [string, string][] {
  const found = new Map<string, [string, string]>();
  for (const { source, target } of data.edges) {
    if (source !== target) {
      const [a, b] = source < target ? [source, target] : [target, source];
      found.set(`${a}\u001f${b}`, [a, b]);
    }
  }
  return [...found.values()];
}

/** First places: the centre in the middle, each further node beside the one that led to it. */
function startOnRings(data: GraphData, fresh: Body[], byId: Map<string, Body>, wide: number): void {
  const waiting = new Set(fresh.map((b) => b.id));
  const neighbours = new Map<string, string[]>();
  for (const [a, b] of pairs(data)) {
    neighbours.set(a, [...(neighbours.get(a) ?? []), b]);
    neighbours.set(b, [...(neighbours.get(b) ?? []), a]);
  }
  const place = (id: string, x: number, y: number): void => {
    Object.assign(byId.get(id) as Body, { x, y });
    waiting.delete(id);
  };
  if (data.centre !== null && waiting.has(data.centre)) place(data.centre, 0, 0);
  let level = [...byId.keys()].filter((id) => !waiting.has(id));
  while (level.length > 0) {
    const next: string[] = [];
    for (const id of level) {
      const here = byId.get(id) as Body;
      const [x, y] = [here.x ?? 0, here.y ?? 0];
      const around = (neighbours.get(id) ?? []).filter((n) => waiting.has(n)).sort();
      const outward = Math.hypot(x, y) < 1 ? null : Math.atan2(y, x);
      around.forEach((other, i) => {
        const turn =
          outward === null
            ? (2 * Math.PI * i) / around.length - Math.PI / 2
            : outward + ((i + 1) / (around.length + 1) - 0.5) * Math.PI * 1.2;
        place(other, x + RING * wide * Math.cos(turn), y + RING * Math.sin(turn));
        next.push(other);
      });
    }
    level = next;
  }
  [...waiting].sort().forEach((id, i) => place(id, RING * 2 * Math.cos(i), RING * 2 * Math.sin(i)));
}
