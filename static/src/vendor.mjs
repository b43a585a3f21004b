// Copies what the pages load from node_modules to static/vendor/<name>-<version>/, with its licence. Of Chart.js only
// what a line chart needs: a quarter less to load than the whole.
// Only the icons named here are copied: `{% icon %}` refuses any other name.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const vendor = join(root, "static", "vendor");

const ICONS = `
  alarm-clock arrow-down arrow-down-left arrow-left arrow-up arrow-up-right ban book-user bookmark bot
  calendar-clock calendar-plus check check-check chevron-down chevron-left chevron-right chevron-up circle-check
  circle-question-mark circle-slash circle-x clipboard-check clock columns-3 copy download ellipsis eraser
  external-link eye file-down file-text file-up fingerprint flag history inbox key-round languages link list
  list-filter list-plus log-out mail megaphone menu merge message-square minus moon mouse-pointer-click pause pencil phone
  phone-call phone-incoming phone-missed phone-off phone-outgoing play plus refresh-cw rotate-ccw search send
  settings shield shield-check shield-x smartphone square-pen sticky-note sun sun-moon tag tags trash-2
  triangle-alert undo-2 upload user user-check user-plus users x zap
`.trim().split(/\s+/);

/** Files of each package: [path in the package, name in the vendor folder]. */
const PACKAGES = {
  "htmx.org": [["dist/htmx.min.js", "htmx.min.js"], ["LICENSE", "LICENSE"]],
  "@fontsource-variable/inter": [
    ["files/inter-latin-wght-normal.woff2", "inter-latin-wght-normal.woff2"],
    ["files/inter-latin-ext-wght-normal.woff2", "inter-latin-ext-wght-normal.woff2"],
    ["LICENSE", "LICENSE"],
  ],
  // Its code is bundled below, with the one package that it needs.
  "chart.js": [["LICENSE.md", "LICENSE"], ["../@kurkle/color/LICENSE.md", "LICENSE-kurkle-color"]],
  "lucide-static": [
    ...ICONS.map((name) => [`icons/${name}.svg`, `${name}.svg`]),
    ["LICENSE", "LICENSE"],
  ],
};

const CHART = "export { CategoryScale, Chart, LinearScale, LineController, LineElement, PointElement, Tooltip } from 'chart.js';";

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
buildSync({
  stdin: { contents: CHART, resolveDir: root },
  outfile: join(vendor, folders.find((folder) => folder.startsWith("chart.js-")), "chart.min.js"),
  bundle: true,
  minify: true,
  format: "esm",
});

// Tailwind leaves its mark inside app.css: its licence stands beside it.
const built = join(root, "static", "dist");
mkdirSync(built, { recursive: true });
const tailwind = join(root, "node_modules", "tailwindcss");
const { version } = JSON.parse(readFileSync(join(tailwind, "package.json"), "utf8"));
const licence = readFileSync(join(tailwind, "LICENSE"), "utf8").trim();
writeFileSync(join(built, "LICENSES.txt"), `tailwindcss ${version}\n\n${licence}\n`);
console.log(`static/vendor: ${folders.join(", ")} (${readdirSync(join(vendor, folders.at(-1))).length - 1} icons)`);
