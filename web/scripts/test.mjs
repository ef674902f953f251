// Runs test/*.test.ts with Node's own runner: what they import is compiled next to them first.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, ".test");
rmSync(out, { recursive: true, force: true });
mkdirSync(out);
const tests = readdirSync(join(root, "test")).filter((name) => name.endsWith(".test.ts"));
await build({
  root,
  configFile: false,
  logLevel: "error",
  build: {
    ssr: true,
    outDir: out,
    rollupOptions: { input: tests.map((name) => join(root, "test", name)), output: { entryFileNames: "[name].mjs" } },
  },
});
const files = readdirSync(out).filter((name) => name.endsWith(".test.mjs"));
const run = spawnSync(process.execPath, ["--test", ...files.map((name) => join(out, name))], { stdio: "inherit" });
process.exit(run.status ?? 1);
