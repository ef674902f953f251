/** The document reader: a passage that the address names is marked, also one that the server did not mark. */

import { readFragment, unitOf } from "./passages.ts";

export function setUpReader(text: HTMLElement): void {
  const list = document.querySelector<HTMLElement>(".claims-of");

  function show(): void {
    const passage = readFragment(location.hash);
    if (passage === null) return;
    const all = text.textContent ?? "";
    const range = rangeOf(text, unitOf(all, passage.start), unitOf(all, passage.end));
    if (range === null) return;
    CSS.highlights?.set("passage", new Highlight(range));
    for (const old of text.querySelectorAll("mark")) {
      // What the server marked is another passage than the one that is looked at now.
      if (!range.intersectsNode(old)) old.replaceWith(...old.childNodes);
    }
    const place = range.startContainer.parentElement ?? text;
    const target = text.querySelector("mark") ?? place;
    target.scrollIntoView({ block: "center" });
    const name = `${passage.start},${passage.end}`;
    for (const item of list?.querySelectorAll<HTMLElement>("li[data-span]") ?? []) {
      const here = item.dataset["span"] === name;
      if (here) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
      if (here && list !== null && list.scrollHeight > list.clientHeight) {
        list.scrollTop = item.offsetTop - list.clientHeight / 3;
      }
    }
  }

  addEventListener("hashchange", show);
  list?.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a.source");
    if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // The passage is on this page already.
    event.preventDefault();
    history.pushState(null, "", link.href);
    show();
  });
  addEventListener("popstate", show);
  show();
}

function rangeOf(element: HTMLElement, start: number, end: number): Range | null {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let at = 0;
  let begun = false;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const length = (node as Text).data.length;
    if (!begun && start < at + length) {
      range.setStart(node, start - at);
      begun = true;
    }
    if (begun && end <= at + length) {
      range.setEnd(node, end - at);
      return range;
    }
    at += length;
  }
  return null;
}
