/** The SPARQL editor: CodeMirror over the form's text area, in a shadow root, where its styles need no inline style. */

import { autocompletion, closeBrackets, completionKeymap, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import { ask } from "./answers.ts";
import { el } from "./dom.ts";

const KEYWORDS =
  "SELECT ASK CONSTRUCT DESCRIBE WHERE FILTER OPTIONAL UNION MINUS GRAPH BIND VALUES GROUP BY HAVING ORDER LIMIT OFFSET " +
  "DISTINCT COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT STR LANG DATATYPE REGEX CONTAINS STRSTARTS IF COALESCE EXISTS BOUND";

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
  { tag: tags.comment, color: "var(--faint)", fontStyle: "italic" },
  { tag: [tags.variableName, tags.special(tags.variableName)], color: "var(--Office)" },
  { tag: [tags.atom, tags.number, tags.standard(tags.variableName)], color: "var(--Facility)" },
]);

const look = EditorView.theme({
  "&": { backgroundColor: "transparent", color: "var(--ink)", fontSize: "0.9rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { fontFamily: "var(--mono)", padding: "0.7rem 0", caretColor: "var(--ink)", minHeight: "15rem" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "transparent", border: "none", color: "var(--faint)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--mark) !important" },
  ".cm-tooltip": { backgroundColor: "var(--paper)", border: "1px solid var(--strong)", borderRadius: "6px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-ink)" },
});

export async function setUpEditor(place: HTMLElement): Promise<void> {
  const area = place.querySelector("textarea");
  const form = place.closest("form");
  if (area === null || form === null) return;
  const label = area.getAttribute("aria-label") ?? "Query";
  const home = el("div");
  const shadow = home.attachShadow({ mode: "open" });
  const inner = el("div");
  shadow.append(inner);

  const run = (): boolean => {
    area.value = view.state.doc.toString();
    form.requestSubmit();
    return true;
  };
  const view = new EditorView({
    root: shadow,
    parent: inner,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        Prec.highest(keymap.of([{ key: "Mod-Enter", run }])),
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ override: [complete] }),
        StreamLanguage.define(sparql),
        syntaxHighlighting(colours),
        look,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
        // Tab goes on to the next control, as everywhere on the page.
        keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) area.value = update.state.doc.toString();
        }),
      ],
    }),
  });
  area.hidden = true;
  place.append(home);
  place.dataset["ready"] = "yes";
}

async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const word = context.matchBefore(/[?\w:.-]+/u);
  if (word === null || (word.from === word.to && !context.explicit)) return null;
  if (word.text.startsWith("kg:") || context.explicit) {
    const names = (await ask("def", {})) as { classes: string[]; relations: string[] };
    return {
      from: word.from,
      options: [
        ...names.relations.map((name) => ({ label: `kg:${name}`, type: "property" })),
        ...names.classes.map((name) => ({ label: `kg:${name}`, type: "class" })),
      ],
      validFor: /^[\w:]*$/u,
    };
  }
  if (word.text.startsWith("?")) {
    const known = new Set(context.state.doc.toString().match(/\?\w+/gu) ?? []);
    known.delete(word.text);
    return { from: word.from, options: [...known].map((label) => ({ label, type: "variable" })) };
  }
  return { from: word.from, options: KEYWORDS.split(" ").map((label) => ({ label, type: "keyword" })) };
}
