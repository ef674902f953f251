// Outlines of countries for the map: Natural Earth (by way of world-atlas), projected as kg.server.pages.map does.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { feature } from "topojson-client";

const require = createRequire(import.meta.url);
const SCALE = 1000 / 5.4538;

function project([longitude, latitude]) {
  const lam = (longitude * Math.PI) / 180;
  const phi = (latitude * Math.PI) / 180;
  const p2 = phi * phi;
  const p4 = p2 * p2;
  const x = lam * (0.8707 - 0.131979 * p2 + p4 * (-0.013791 + p4 * (0.003971 * p2 - 0.001529 * p4)));
  const y = phi * (1.007226 + p2 * (0.015085 + p4 * (-0.044475 + 0.028874 * p2 - 0.005916 * p4)));
  return [x * SCALE, -y * SCALE];
}

/** JSON text: {coarse, fine}, each a list of [box, path] with whole numbers of 1/digits. */
export function outline() {
  return JSON.stringify({ coarse: shapes("countries-110m.json", 1), fine: shapes("countries-50m.json", 1) });
}

function shapes(file, digits) {
  const topology = JSON.parse(readFileSync(require.resolve(`world-atlas/${file}`), "utf8"));
  return feature(topology, topology.objects.countries).features.flatMap((country) => {
    const { type, coordinates } = country.geometry;
    const polygons = type === "Polygon" ? [coordinates] : coordinates;
    // One entry for each island: a part of the world needs few of them.
    return polygons
      .flatMap(wholly)
      .map((rings) => shape(rings, digits))
      .filter((s) => s !== null);
  });
}

/** A polygon that crosses the line of 180 degrees, as two that hang over a side of the map each; others as they are. */
function wholly(rings) {
  const crosses = (ring) => ring.some(([x], i) => i > 0 && Math.abs(x - ring[i - 1][0]) > 180);
  if (!rings.some(crosses)) return [rings];
  const east = rings.map((ring) => ring.map(([x, y]) => [x < 0 ? x + 360 : x, y]));
  return [east, east.map((ring) => ring.map(([x, y]) => [x - 360, y]))];
}

function shape(rings, digits) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  let path = "";
  for (const ring of rings) {
    let last = "";
    const points = [];
    for (const place of ring) {
      const [x, y] = project(place);
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
      const point = `${+x.toFixed(digits)},${+y.toFixed(digits)}`;
      if (point !== last) points.push(point);
      last = point;
    }
    if (points.length > 3) path += `M${points.slice(0, -1).join("L")}Z`;
  }
  return path === "" ? null : [box.map((n) => +n.toFixed(1)), path];
}
