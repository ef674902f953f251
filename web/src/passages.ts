/** Passages of a document by code points (RFC 5147, `#char=begin,end`), in the text that a page shows. */

export interface Passage {
  start: number;
  end: number;
}

/** The passage that a fragment names, or null. */
export function readFragment(fragment: string): Passage | null {
  const found = /^#?char=(\d{1,9}),(\d{1,9})$/u.exec(decode(fragment));
  if (found === null) return null;
  const start = Number(found[1]);
  const end = Number(found[2]);
  return start < end ? { start, end } : null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Where the code point at `position` begins in UTF-16 code units; the text's length if it is not so long. */
export function unitOf(text: string, position: number): number {
  let unit = 0;
  for (let point = 0; point < position && unit < text.length; point += 1) {
    unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  }
  return unit;
}
