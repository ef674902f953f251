/** The graph component: what the explorer's pages and the notebook's widget share. */

export { PALETTES, SHAPES, type Theme } from "./look.ts";
export {
  contain,
  EMPTY,
  filtered,
  fromNeighbourhood,
  inWords,
  KINDS,
  merge,
  MODALITIES,
  NO_FILTER,
  type Filter,
  type GraphData,
  type GraphEdge,
  type GraphNode,
  type Kind,
  type Modality,
} from "./model.ts";
export { mountGraph, type GraphOptions, type GraphView } from "./mount.ts";
