/** Colours and shapes of a picture. Shapes say a node's class without colour; lines say an edge's modality. */

import type cytoscape from "cytoscape";

import type { Kind, Modality } from "./model.ts";

export type Theme = "light" | "dark";

interface Palette {
  paper: string;
  ink: string;
  faint: string;
  accent: string;
  kinds: Record<Kind, string>;
  other: string;
  edges: Record<Modality, string>;
}

/** The same values as the variables of the pages' style sheet. */
export const PALETTES: Record<Theme, Palette> = {
  light: {
    paper: "#ffffff",
    ink: "#1a1d21",
    faint: "#5b6470",
    accent: "#0b57a4",
    kinds: {
      Person: "#1f5fa8",
      Office: "#6b4fa0",
      Organization: "#0f766e",
      Facility: "#96580f",
      Agreement: "#8f2f63",
      Place: "#4a7410",
      Equipment: "#525e6b",
      Event: "#b3402a",
    },
    other: "#69727d",
    edges: { Asserted: "#69727d", Planned: "#a15c00", Denied: "#b42318", Former: "#9aa2ac" },
  },
  dark: {
    paper: "#16191d",
    ink: "#e8eaed",
    faint: "#a5adb8",
    accent: "#8ab8f0",
    kinds: {
      Person: "#7db4f0",
      Office: "#b7a0ec",
      Organization: "#5cc7bb",
      Facility: "#e0a458",
      Agreement: "#e58bb5",
      Place: "#a3cf5e",
      Equipment: "#aab6c2",
      Event: "#f0907a",
    },
    other: "#a5adb8",
    edges: { Asserted: "#8d97a3", Planned: "#e6a84d", Denied: "#f28b82", Former: "#5f6873" },
  },
};

export const SHAPES: Record<Kind, cytoscape.Css.NodeShape> = {
  Person: "ellipse",
  Office: "round-triangle",
  Organization: "round-rectangle",
  Facility: "round-pentagon",
  Agreement: "cut-rectangle",
  Place: "round-diamond",
  Equipment: "round-hexagon",
  Event: "round-octagon",
};

const FONT = "Inter Variable, Inter, system-ui, sans-serif";

/** The style of a picture in `theme`. */
export function styleOf(theme: Theme): cytoscape.StylesheetJson {
  const p = PALETTES[theme];
  const kinds = Object.entries(SHAPES).map(([kind, shape]) => ({
    selector: `node[kind = "${kind}"]`,
    style: { shape, "background-color": p.kinds[kind as Kind], "border-color": p.kinds[kind as Kind] },
  }));
  return [
    {
      selector: "node",
      style: {
        width: "data(size)",
        height: "data(size)",
        "background-color": p.other,
        "border-color": p.other,
        "border-width": 0,
        label: "data(short)",
        color: p.ink,
        "font-family": FONT,
        "font-size": 11,
        "text-valign": "bottom",
        "text-margin-y": 5,
        "text-wrap": "wrap",
        "text-max-width": "112px",
        "text-outline-color": p.paper,
        "text-outline-width": 2,
        "line-height": 1.22,
        "min-zoomed-font-size": 7,
        "overlay-opacity": 0,
        "transition-property": "opacity",
        "transition-duration": 150,
      },
    },
    ...kinds,
    // What has not happened is an outline, what was called off or denied is struck out by a dotted one.
    {
      selector: 'node[status = "planned"], node[status = "proposed"]',
      style: { "background-color": p.paper, "border-width": 2, "border-style": "dashed" },
    },
    {
      selector: 'node[status = "cancelled"], node[status = "denied"]',
      style: { "background-color": p.paper, "border-width": 2, "border-style": "dotted" },
    },
    {
      selector: "node[?centre]",
      style: { "font-weight": 700, "font-size": 13, "border-width": 4, "border-opacity": 0.35 },
    },
    {
      selector: "node[?more]",
      style: { "outline-width": 1.5, "outline-color": p.faint, "outline-offset": 3, "outline-style": "dotted" },
    },
    {
      selector: "edge",
      style: {
        width: "data(width)",
        "line-color": p.edges.Asserted,
        "target-arrow-color": p.edges.Asserted,
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.8,
        "curve-style": "bezier",
        "control-point-step-size": 34,
        opacity: 0.8,
        label: "",
        color: p.faint,
        "font-family": FONT,
        "font-size": 9.5,
        "text-rotation": "autorotate",
        "text-background-color": p.paper,
        "text-background-opacity": 0.92,
        "text-background-padding": "2px",
        "min-zoomed-font-size": 7,
        "overlay-opacity": 0,
      },
    },
    { selector: "edge.named", style: { label: "data(short)" } },
    {
      selector: 'edge[modality = "Planned"]',
      style: {
        "line-style": "dashed",
        "line-dash-pattern": [7, 5],
        "line-color": p.edges.Planned,
        "target-arrow-color": p.edges.Planned,
      },
    },
    {
      selector: 'edge[modality = "Denied"]',
      style: {
        "line-style": "dotted",
        "line-color": p.edges.Denied,
        "target-arrow-color": p.edges.Denied,
        "target-arrow-shape": "tee",
      },
    },
    {
      selector: 'edge[modality = "Former"]',
      style: {
        "line-style": "dashed",
        "line-dash-pattern": [2, 3],
        "line-color": p.edges.Former,
        "target-arrow-color": p.edges.Former,
      },
    },
    { selector: ".aside", style: { opacity: 0.28 } },
    { selector: "node.near", style: { "z-index": 5 } },
    {
      selector: "node.chosen",
      style: { "border-width": 4, "border-color": p.accent, "border-style": "solid", "border-opacity": 1 },
    },
    {
      selector: "edge.chosen",
      style: {
        "line-color": p.accent,
        "target-arrow-color": p.accent,
        opacity: 1,
        "z-index": 9,
        label: "data(short)",
        color: p.ink,
        "font-weight": 600,
      },
    },
  ];
}
