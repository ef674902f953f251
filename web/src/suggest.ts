/** Names that fit what is typed into a search box, below it: a combobox (WAI-ARIA 1.2). */

import { ask, entityPath } from "./answers.ts";
import { el } from "./dom.ts";
import { contain, inWords } from "./graph/model.ts";

interface Hit {
  iri: string;
  label: string;
  kind: string | null;
  subkind: string | null;
}

const LEAST = 2;
const MOST = 8;
const PATIENCE = 120; // milliseconds after the last key
let boxes = 0;

export function setUpSuggestions(box: HTMLInputElement): void {
  const form = box.closest("form");
  if (form === null) return;
  boxes += 1;
  const id = `suggestions-${boxes}`;
  const list = el("ul", { id, role: "listbox", class: "suggestions", hidden: true, "aria-label": "Suggestions" });
  form.append(list);
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", id);
  box.setAttribute("aria-expanded", "false");
  let at = -1;
  let waiting = 0;
  let turn = 0;

  const options = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>("[role=option]")];

  function close(): void {
    turn += 1;
    list.hidden = true;
    at = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  function mark(next: number): void {
    const all = options();
    at = all.length === 0 ? -1 : (next + all.length) % all.length;
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    const active = all[at];
    if (active !== undefined) box.setAttribute("aria-activedescendant", active.id);
  }

  async function look(): Promise<void> {
    const typed = box.value.trim();
    turn += 1;
    const mine = turn;
    if (typed.length < LEAST) {
      close();
      return;
    }
    const found = (await ask("entities", { q: typed, limit: String(MOST) })) as { items: Hit[] };
    if (mine !== turn || document.activeElement !== box) return;
    list.replaceChildren(
      ...found.items.map((hit, i) =>
        el(
          "li",
          { role: "option", id: `${id}-${i}`, "aria-selected": "false", "data-path": entityPath(hit.iri, null) },
          el("bdi", {}, contain(hit.label.slice(0, 120))),
          el("span", { class: `kind ${hit.kind ?? ""}` }, inWords(hit.subkind ?? hit.kind ?? "")),
        ),
      ),
    );
    list.hidden = found.items.length === 0;
    box.setAttribute("aria-expanded", String(!list.hidden));
    at = -1;
  }

  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void look().catch(close), PATIENCE);
  });
  box.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at < 0 ? -1 : at - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && at >= 0) open(options()[at]);
    else return;
    event.preventDefault();
  });
  box.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    open((event.target as Element).closest<HTMLElement>("[role=option]") ?? undefined);
  });

  function open(option: HTMLElement | undefined): void {
    const path = option?.dataset["path"];
    if (path !== undefined) location.assign(path);
  }
}
