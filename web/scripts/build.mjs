// Builds web/dist: what kg serve gives to browsers, and graph.js for notebooks.
import { createRequire } from "node:module";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { existsSync } from "node:fs";
import { build } from "vite";

const require = createRequire(import.meta.url);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const made = join(root, "dist.new");
const shared = { root, configFile: false, logLevel: "warn", publicDir: false };

rmSync(made, { recursive: true, force: true });
mkdirSync(made);

// Pages: entries with plain names, what they share in chunks.
const pages = ["theme", "explorer"].filter((name) => existsSync(join(root, "src", `${name}.ts`)));
if (pages.length > 0) {
  await build({
    ...shared,
    base: "./",
    build: {
      outDir: made,
      emptyOutDir: false,
      target: "es2022",
      modulePreload: false,
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      rollupOptions: {
        input: Object.fromEntries(pages.map((name) => [name, join(root, "src", `${name}.ts`)])),
        output: { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
      },
    },
  });
}

// Each library is one file that needs nothing else: anywidget loads no second one.
for (const [name, entry] of [
  ["graph", "src/graph/index.ts"],
  ["widget", "src/widget/index.ts"],
]) {
  if (!existsSync(join(root, entry))) continue;
  await build({
    ...shared,
    build: {
      outDir: made,
      emptyOutDir: false,
      target: "es2022",
      reportCompressedSize: false,
      lib: { entry: join(root, entry), formats: ["es"], fileName: () => `${name}.js` },
      rollupOptions: { output: { codeSplitting: false, minify: true } },
    },
  });
}

writeFonts();
if (existsSync(join(root, "scripts", "outline.mjs"))) {
  const { outline } = await import("./outline.mjs");
  writeFileSync(join(made, "world.json"), outline());
}
writeLicences();

rmSync(join(root, "dist"), { recursive: true, force: true });
renameSync(made, join(root, "dist"));

/** Two families, Latin letters only: other scripts are shown in what the reader's system has. */
function writeFonts() {
  const ranges = {
    latin:
      "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+0304, U+0308, U+0329, U+2000-206F, " +
      "U+20AC, U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD",
    "latin-ext":
      "U+0100-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+0304, U+0308, U+0329, U+1D00-1DBF, " +
      "U+1E00-1E9F, U+1EF2-1EFF, U+2020, U+20A0-20AB, U+20AD-20C0, U+2113, U+2C60-2C7F, U+A720-A7FF",
  };
  let css = "";
  for (const [family, name, style] of [
    ["Inter Variable", "inter", "normal"],
    ["Source Serif 4 Variable", "source-serif-4", "normal"],
  ]) {
    const folder = dirname(require.resolve(`@fontsource-variable/${name}/package.json`));
    for (const [subset, range] of Object.entries(ranges)) {
      const file = `${name}-${subset}-wght-${style}.woff2`;
      copyFileSync(join(folder, "files", file), join(made, file));
      css +=
        `@font-face { font-family: "${family}"; font-style: ${style}; font-display: swap; font-weight: 200 900; ` +
        `src: url("${file}") format("woff2-variations"); unicode-range: ${range}; }\n`;
    }
  }
  writeFileSync(join(made, "fonts.css"), css);
}

/** The licences of all packages whose code or data is in the build. */
function writeLicences() {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const texts = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === "" || entry.dev || !existsSync(join(root, path))) continue;
    const file = readdirSync(join(root, path)).find((name) => /^(licen[cs]e|copying)/i.test(name));
    const text = file ? readFileSync(join(root, path, file), "utf8").trim() : `Licence: ${entry.license}`;
    texts.push(`${path.replace(/^.*node_modules\//, "")} ${entry.version}\n\n${text}\n`);
  }
  texts.push("Outlines of countries: Natural Earth, public domain, by way of world-atlas.\n");
  writeFileSync(join(made, "LICENSES.txt"), texts.join(`\n${"-".repeat(80)}\n\n`));
}
