/** The server's answers that the explorer reads, and how they are asked for. */

import { root } from "./dom.ts";

export interface Passage {
  iri: string;
  start: number;
  end: number;
  quote: string;
  before: string;
  after: string;
}

export interface Claim {
  iri: string;
  curie: string;
  modality: string;
  confidence: number | null;
  attribution: string | null;
  valid_time: string | null;
  document: { iri: string; curie: string; identifiers: string[]; title: string | null; as_of: string | null };
  passages: Passage[];
}

/** What the server says is wrong. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const known = new Map<string, Promise<unknown>>();
const MOST_KNOWN = 300;

/** The JSON at a path below the server's root; asked for once. Raises `Problem`. */
export function ask(path: string, words: Record<string, string>): Promise<unknown> {
  const address = `${root()}${path}?${new URLSearchParams(words).toString()}`;
  let answer = known.get(address);
  if (answer === undefined) {
    answer = fetchJson(address);
    known.set(address, answer);
    answer.catch(() => known.delete(address));
    if (known.size > MOST_KNOWN) known.delete(known.keys().next().value as string);
  }
  return answer;
}

async function fetchJson(address: string): Promise<unknown> {
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  if (!response.ok) {
    let detail = response.statusText;
    try {
      const body = (await response.json()) as { detail?: string };
      detail = body.detail ?? detail;
    } catch {
      // Not a problem document: the status says enough.
    }
    throw new Problem(response.status, detail);
  }
  return response.json();
}

/** The page of an entity. */
export function entityPath(iri: string, asOf: string | null): string {
  const day = asOf === null ? "" : `?as_of=${asOf}`;
  return `${root()}entities/${encodeURIComponent(iri)}${day}`;
}

/** The page of a document with a passage marked. */
export function passagePath(claim: Claim, passage: Passage): string {
  const span = `${passage.start},${passage.end}`;
  const key = claim.document.curie.replace(/^doc:/u, "");
  return `${root()}doc/${encodeURIComponent(key)}?highlight=${span}#char=${span}`;
}
