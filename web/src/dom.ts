/** Building pieces of pages: every text is set as text, nothing is ever parsed as HTML. */

type Child = Node | string | null | false | undefined;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/** An element; attributes that are functions are listeners, true is an empty attribute, false and null are left out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  fill(made, attributes, children);
  return made;
}

/** An SVG element. */
export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(made, attributes, children);
  return made;
}

function fill(made: Element, attributes: Attributes, children: Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(name, value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null && child !== undefined && child !== false) made.append(child);
}

/** Where the server's paths begin: "/", or what a proxy puts before them. */
export function root(): string {
  const path = document.documentElement.dataset["root"] ?? "/";
  return path.endsWith("/") ? path : `${path}/`;
}

/** Say something to those who listen rather than look. */
export function announce(text: string): void {
  let voice = document.getElementById("kg-voice");
  if (voice === null) {
    voice = el("p", { id: "kg-voice", class: "skip", "aria-live": "polite" });
    document.body.append(voice);
  }
  voice.textContent = text;
}
