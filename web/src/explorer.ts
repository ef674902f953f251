/** What every page runs: colours, buttons to copy, and the larger parts where a page has a place for them. */

import { announce, el } from "./dom.ts";
import { setUpReader } from "./reader.ts";

function setUpTheme(): void {
  const button = document.querySelector<HTMLButtonElement>(".top .theme");
  if (button === null) return;
  const page = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = (): boolean => (page.dataset["theme"] ?? (system.matches ? "dark" : "light")) === "dark";
  const show = (): void => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", isDark() ? "Use light colours" : "Use dark colours");
    document.dispatchEvent(new CustomEvent("kg-theme", { detail: isDark() ? "dark" : "light" }));
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    page.dataset["theme"] = next;
    try {
      localStorage.setItem("kg-theme", next);
    } catch {
      // Then it holds for this page.
    }
    show();
  });
  system.addEventListener("change", show);
  show();
}

function setUpCopying(): void {
  for (const block of document.querySelectorAll<HTMLElement>(".copy")) {
    const text = block.querySelector("pre");
    if (text === null) continue;
    const button = el("button", { type: "button" }, "Copy");
    button.addEventListener("click", () => {
      void navigator.clipboard.writeText(text.textContent ?? "").then(
        () => {
          button.textContent = "Copied";
          announce("Copied");
          setTimeout(() => (button.textContent = "Copy"), 1600);
        },
        () => {
          getSelection()?.selectAllChildren(text);
        },
      );
    });
    block.append(button);
  }
}

setUpTheme();
setUpCopying();

const text = document.querySelector<HTMLElement>(".text[data-document]");
if (text !== null) setUpReader(text);

const place = document.querySelector<HTMLElement>(".workspace");
if (place !== null) {
  void import("./workspace.ts").then(({ setUpWorkspace }) => setUpWorkspace(place));
}

const editor = document.querySelector<HTMLElement>(".editor");
if (editor !== null) {
  void import("./editor.ts").then(({ setUpEditor }) => setUpEditor(editor));
}

for (const box of document.querySelectorAll<HTMLInputElement>(".find input")) {
  void import("./suggest.ts").then(({ setUpSuggestions }) => setUpSuggestions(box));
}
