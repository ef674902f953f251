import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { layOut } from "../src/graph/layout.ts";
import { PALETTES } from "../src/graph/look.ts";
import { filtered, fromNeighbourhood, inWords, KINDS, merge, NO_FILTER, pictureLabel, shortLabel } from "../src/graph/model.ts";

const ANSWER = {
  centre: "a",
  nodes: [
    { iri: "a", curie: "x:a", label: "A", kind: "Person", subkind: null, hops: 0, attributes: {} },
    { iri: "b", curie: "x:b", label: "B", kind: "Event", subkind: "Meeting", hops: 1, attributes: { status: ["planned"], date: ["2025-03-30"] } },
    { iri: "c", curie: "x:c", label: "C", kind: "Place", subkind: "City", hops: 1, attributes: {} },
    { iri: "a", label: "twice" },
    "nonsense",
  ],
  edges: [
    { source: "b", target: "a", predicate: "kg:participant", modality: "Planned", claim_count: 2 },
    { source: "a", target: "c", predicate: "kg:locatedIn", modality: "Asserted", claim_count: 1 },
    { source: "a", target: "missing", predicate: "kg:locatedIn", modality: "Asserted", claim_count: 1 },
  ],
  cut: [{ iri: "c", left_out: 7 }],
};

test("an answer is read, and what does not fit is left out", () => {
  const data = fromNeighbourhood(ANSWER);
  assert.equal(data.nodes.length, 3);
  assert.equal(data.edges.length, 2);
  assert.equal(data.nodes[1]?.status, "planned");
  assert.equal(pictureLabel(data.nodes[1]!), "Meeting 2025-03-30");
  assert.equal(data.cut.get("c"), 7);
  for (const odd of [null, 3, [], { nodes: 4 }, { nodes: [{}], edges: [{}] }]) {
    assert.equal(fromNeighbourhood(odd).nodes.length, 0);
  }
});

test("merging keeps the first centre, and what is cut of the one that was opened", () => {
  const more = fromNeighbourhood({
    centre: "c",
    nodes: [...ANSWER.nodes.slice(0, 3), { iri: "d", label: "D", kind: "Person", hops: 1 }],
    edges: [{ source: "d", target: "c", predicate: "kg:locatedIn", modality: "Asserted", claim_count: 1 }],
    cut: [],
  });
  const both = merge(fromNeighbourhood(ANSWER), more);
  assert.equal(both.centre, "a");
  assert.deepEqual(both.nodes.map((n) => n.id), ["a", "b", "c", "d"]);
  assert.equal(both.edges.length, 3);
  assert.equal(both.cut.has("c"), false);
});

test("a filter hides, and nodes without edges go, but not the centre", () => {
  const data = fromNeighbourhood(ANSWER);
  const left = filtered(data, { ...NO_FILTER, modalities: new Set(["Planned"]) });
  assert.deepEqual(left.nodes.map((n) => n.id), ["a", "c"]);
  const bare = filtered(data, { ...NO_FILTER, kinds: new Set(["Person", "Event", "Place"]) });
  assert.deepEqual(bare.nodes.map((n) => n.id), ["a"]);
  assert.deepEqual(bare.edges, []);
});

test("names are put in words and shortened within isolating marks", () => {
  assert.equal(inWords("kg:holdsOffice"), "holds office");
  assert.equal(inWords("https://kg.example/def#InternationalOrganization"), "International organization");
  assert.equal(shortLabel("x".repeat(100_000), 10), `\u2068${"x".repeat(9)}…\u2069`);
  assert.equal(shortLabel("\u202Eevil\n name", 40), "\u2068\u202Eevil name\u2069");
  assert.equal(shortLabel("a\u2067b", 9), "\u2068a\u2067b\u2069\u2069");
  assert.equal(shortLabel("a\u2069\u202Eb", 9), "\u2068a\u202Eb\u2069");
});

test("the same data have the same places, and what has a place keeps it", () => {
  const data = fromNeighbourhood(ANSWER);
  const places = layOut(data);
  assert.deepEqual(layOut(data), places);
  assert.deepEqual(places.get("a"), { x: 0, y: 0 });
  const [b, c] = [places.get("b")!, places.get("c")!];
  assert.ok(Math.hypot(b.x - c.x, b.y - c.y) > 90);
  const more = merge(data, fromNeighbourhood({ centre: "c", nodes: [{ iri: "c" }, { iri: "d" }], edges: [{ source: "c", target: "d", predicate: "p" }] }));
  const next = layOut(more, places);
  for (const id of ["a", "b", "c"]) assert.deepEqual(next.get(id), places.get(id));
  assert.ok(next.has("d"));
});

test("colours of classes are those of the pages, and stand out from the paper", () => {
  const style = readFileSync(new URL("../../src/kg/server/pages/style.css", import.meta.url), "utf8");
  for (const palette of Object.values(PALETTES)) {
    for (const kind of KINDS) {
      assert.ok(style.includes(`--${kind}: ${palette.kinds[kind]};`), kind);
      assert.ok(contrast(palette.kinds[kind], palette.paper) >= 4.5, kind);
    }
    assert.ok(contrast(palette.ink, palette.paper) >= 7);
    for (const line of ["Asserted", "Planned", "Denied"] as const) {
      assert.ok(contrast(palette.edges[line], palette.paper) >= 3, line);
    }
  }
});

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(one: string, other: string): number {
  const light = (hex: string): number => {
    const [r, g, b] = [1, 3, 5].map((i) => {
      const c = parseInt(hex.slice(i, i + 2), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [a, b] = [light(one), light(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
