/** The reader's choice of colours, before anything is drawn. Loaded as a plain script in the head. */

try {
  const chosen = localStorage.getItem("kg-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset["theme"] = chosen;
} catch {
  // Storage may be forbidden: then the system's preference counts.
}

export {};
