import assert from "node:assert/strict";
import { test } from "node:test";

import { fromNeighbourhood } from "../src/graph/model.ts";
import { readFragment, unitOf } from "../src/passages.ts";
import { dayNumber, dayText, findEdge, lastDayBy, nameEdge, readState, writeState } from "../src/state.ts";

test("an address keeps the state, and other words of it", () => {
  const words = new URLSearchParams(
    "entity=Japan&depth=2&as_of=2025-03-15&open=person:a&open=place:b&edge=a+kg:p+b+Planned&hide=Place",
  );
  const state = readState(words);
  assert.deepEqual(state, {
    depth: 2,
    asOf: "2025-03-15",
    open: ["person:a", "place:b"],
    edge: "a kg:p b Planned",
    node: null,
    hide: ["Place"],
  });
  assert.equal(writeState(state, words).toString(), writeState(readState(writeState(state, words)), words).toString());
  assert.equal(writeState(state, words).get("entity"), "Japan");
  assert.equal(writeState(readState(new URLSearchParams()), new URLSearchParams()).toString(), "");
});

test("what is no state is as usual", () => {
  const state = readState(new URLSearchParams("depth=99&as_of=yesterday"));
  assert.equal(state.depth, 1);
  assert.equal(state.asOf, null);
});

test("an edge is found by its name, with odd IRIs too", () => {
  const data = fromNeighbourhood({
    nodes: [{ iri: "https://x/o'neil%22", curie: "person:o'neil%22" }, { iri: "b", curie: "place:b" }],
    edges: [{ source: "https://x/o'neil%22", target: "b", predicate: "kg:p", modality: "Denied" }],
  });
  const edge = data.edges[0]!;
  assert.equal(findEdge(nameEdge(edge, data), data), edge.id);
  assert.equal(findEdge("no such edge", data), null);
  assert.equal(findEdge("", data), null);
});

test("days are counted, and the last one of a document found", () => {
  assert.equal(dayText(dayNumber("2025-03-30")), "2025-03-30");
  assert.equal(dayNumber("1970-01-02"), 1);
  const days = ["2025-02-11", "2025-03-30"];
  assert.equal(lastDayBy("2025-03-15", days), "2025-02-11");
  assert.equal(lastDayBy("2025-03-30", days), "2025-03-30");
  assert.equal(lastDayBy("2025-01-01", days), null);
});

test("passages are read from fragments, and positions count code points", () => {
  assert.deepEqual(readFragment("#char=3,10"), { start: 3, end: 10 });
  assert.deepEqual(readFragment("#char%3D3%2C10"), { start: 3, end: 10 });
  for (const odd of ["", "#", "#char=10,3", "#char=1", "#facts", "#char=1,2,3", "#%E0%A4%A"]) {
    assert.equal(readFragment(odd), null, odd);
  }
  const text = "a😀b𝒳c";
  assert.equal(text.slice(unitOf(text, 1), unitOf(text, 2)), "😀");
  assert.equal(text.slice(unitOf(text, 4)), "c");
  assert.equal(unitOf(text, 99), text.length);
});
