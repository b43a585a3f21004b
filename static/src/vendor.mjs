// Copies what the pages load from node_modules to static/vendor/<name>-<version>/, with its licence.
// Only the icons named here are copied: `{% icon %}` refuses any other name.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const vendor = join(root, "static", "vendor");

const ICONS = `
  alarm-clock arrow-down-left arrow-left arrow-up-right ban bot calendar-clock check check-check chevron-down
  chevron-left chevron-right circle-check circle-question-mark circle-slash circle-x clipboard-check clock copy
  ellipsis external-link eye file-text inbox key-round languages link log-out mail menu message-square moon
  mouse-pointer-click pause pencil phone phone-call phone-incoming phone-missed phone-off phone-outgoing play
  plus refresh-cw rotate-ccw search send settings shield-check shield-x smartphone square-pen sticky-note sun
  sun-moon tag trash-2 triangle-alert undo-2 user user-plus users x zap
`.trim().split(/\s+/);

/** Files of each package: [path in the package, name in the vendor folder]. */
const PACKAGES = {
  "htmx.org": [["dist/htmx.min.js", "htmx.min.js"], ["LICENSE", "LICENSE"]],
  "@fontsource-variable/inter": [
    ["files/inter-latin-wght-normal.woff2", "inter-latin-wght-normal.woff2"],
    ["files/inter-latin-ext-wght-normal.woff2", "inter-latin-ext-wght-normal.woff2"],
    ["LICENSE", "LICENSE"],
  ],
  "lucide-static": [
    ...ICONS.map((name) => [`icons/${name}.svg`, `${name}.svg`]),
    ["LICENSE", "LICENSE"],
  ],
};

const FOLDERS = { "@fontsource-variable/inter": "inter", "lucide-static": "lucide" };

function copyPackage(name, files) {
  const from = join(root, "node_modules", name);
  const { version } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  const folder = `${FOLDERS[name] ?? name}-${version}`;
  mkdirSync(join(vendor, folder), { recursive: true });
  for (const [source, target] of files) copyFileSync(join(from, source), join(vendor, folder, target));
  return folder;
}

rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });
const folders = Object.entries(PACKAGES).map(([name, files]) => copyPackage(name, files));

// The two stylesheet libraries leave their mark inside app.css: their licences stand beside it.
const built = join(root, "static", "dist");
mkdirSync(built, { recursive: true });
const licences = ["tailwindcss", "daisyui"].map((name) => {
  const { version } = JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8"));
  return `${name} ${version}\n\n${readFileSync(join(root, "node_modules", name, "LICENSE"), "utf8").trim()}\n`;
});
writeFileSync(join(built, "LICENSES.txt"), licences.join("\n\n"));
console.log(`static/vendor: ${folders.join(", ")} (${readdirSync(join(vendor, folders.at(-1))).length - 1} icons)`);
