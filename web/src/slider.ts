/** The known-when slider: a day between the first document and the last, and all that is known at its end. */

import { el, svg } from "./dom.ts";
import { dayNumber, dayText } from "./state.ts";

export interface Slider {
  element: HTMLElement | null;
  /** Show a day without telling anyone; null for all that is known. */
  set(day: string | null): void;
}

const NAMES = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

export function dayName(day: string): string {
  return NAMES.format(new Date(`${day}T00:00:00Z`));
}

/** A slider over the sorted `days` of documents; without an element if there are fewer than two. */
export function makeSlider(days: readonly string[], complete: boolean, onDay: (day: string | null) => void): Slider {
  const first = days[0];
  const last = days.at(-1);
  if (first === undefined || last === undefined || first === last) return { element: null, set: () => undefined };
  const least = dayNumber(first) - 1;
  const most = dayNumber(last);
  const input = el("input", {
    type: "range",
    id: "known-when",
    min: least,
    max: most,
    step: 1,
    value: most,
    "aria-describedby": "known-when-said",
  });
  const said = el("output", { id: "known-when-said", for: "known-when" });
  const ticks = svg("svg", { viewBox: `0 0 ${most - least} 1`, preserveAspectRatio: "none", "aria-hidden": "true" });
  for (const day of days.slice(0, 600)) {
    const x = dayNumber(day) - least;
    ticks.append(svg("line", { x1: x, x2: x, y1: 0, y2: 1 }));
  }

  function day(): string | null {
    const value = Number(input.value);
    return value >= most ? null : dayText(value);
  }

  function show(): void {
    const at = day();
    const count = days.filter((d) => at === null || d <= at).length;
    const of = complete ? ` · ${count} of ${days.length} document days` : "";
    said.replaceChildren(el("b", {}, at === null ? "All that is known" : dayName(at)), of);
    input.setAttribute("aria-valuetext", at === null ? "all that is known" : `as of ${dayName(at)}`);
  }

  function step(forward: boolean): void {
    const value = Number(input.value);
    const numbers = days.map(dayNumber);
    const next = forward ? numbers.find((n) => n > value) : numbers.findLast((n) => n < value);
    input.value = String(next ?? (forward ? most : least));
    show();
    onDay(day());
  }

  input.addEventListener("input", () => {
    show();
    onDay(day());
  });
  show();
  const element = el(
    "div",
    { class: "when" },
    el("label", { for: "known-when" }, "Known when"),
    el("span", { class: "track" }, input, ticks),
    el(
      "span",
      {},
      el("button", { type: "button", "aria-label": "Day of the document before", click: () => step(false) }, "◀"),
      " ",
      el("button", { type: "button", "aria-label": "Day of the next document", click: () => step(true) }, "▶"),
      " ",
      said,
    ),
  );
  return {
    element,
    set(to) {
      input.value = String(to === null ? most : Math.min(most, Math.max(least, dayNumber(to))));
      show();
    },
  };
}
