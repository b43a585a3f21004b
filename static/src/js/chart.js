// canvas[data-chart="id"]: a line for each column of the table in the element of that id. A column's figures are its
// <data value>, the first row is the beginning, and `data-end` is how many steps the chart is wide. The table stays
// where it is, for whoever reads it; when it is fetched again, the lines follow.
import {
  CategoryScale, Chart, LinearScale, LineController, LineElement, PointElement, Tooltip,
} from "../../vendor/chart.js-4.6.1/chart.min.js";

Chart.register(CategoryScale, LinearScale, LineController, LineElement, PointElement, Tooltip);

const FONT = { family: "Inter Variable", size: 11 };
// The lines' colours, in the order of the columns: tokens, so that both themes have their own.
const LINES = [["--color-primary"], ["--color-base-content"], ["--edge", [4, 3], "--faint"]];
const small = matchMedia("(max-width: 639px)");
const dark = matchMedia("(prefers-color-scheme: dark)");

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const written = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percent = (value) => `${written.format(value)}\u00a0%`;
const whole = (value) => `${value}\u00a0%`;

function figures(table) {
  const rows = [...table.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("data")].map((cell) => Number(cell.value)));
  const names = [...table.querySelectorAll("thead th")].slice(1).map((head) => head.textContent);
  const end = Math.max(rows.length - 1, Number(table.dataset.end));
  return { labels: Array.from({ length: end + 1 }, (_, hour) => `${hour}\u00a0h`), names, rows };
}

function datasets({ names, rows }) {
  return names.map((label, column) => {
    const [colour, borderDash = [], words = colour] = LINES[column];
    const of = token(colour);
    return {
      label, data: rows.map((row) => row[column]), borderColor: of, backgroundColor: of, hoverBackgroundColor: of, hoverBorderColor: of,
      borderWidth: 1.75, borderDash, pointRadius: 0, pointHoverRadius: 3, pointHitRadius: 8, tension: 0, words: token(words),
    };
  });
}

// The last value stands at the end of its line; where two would lie upon each other, the lower one gives way.
const ends = {
  id: "ends",
  afterDatasetsDraw(chart) {
    const { ctx, chartArea } = chart;
    const marks = chart.data.datasets
      .map((line, index) => ({ line, at: chart.getDatasetMeta(index).data.at(-1), value: line.data.at(-1) }))
      .filter(({ at }) => at)
      .sort((one, two) => one.at.y - two.at.y);
    ctx.save();
    ctx.font = `600 12px "${FONT.family}"`;
    ctx.textBaseline = "middle";
    let lowest = -Infinity;
    for (const { line, at, value } of marks) {
      lowest = Math.max(at.y, lowest + 14);
      ctx.fillStyle = line.words;
      ctx.fillText(percent(value), Math.min(at.x, chartArea.right) + 8, lowest);
    }
    ctx.restore();
  },
};

function options() {
  const ticks = { color: token("--faint"), font: FONT };
  return {
    responsive: true, maintainAspectRatio: false, animation: false,
    interaction: { mode: "index", intersect: false },
    layout: { padding: { right: 58, top: 6 } },
    plugins: {
      tooltip: {
        displayColors: false, backgroundColor: token("--color-neutral"), titleColor: token("--color-neutral-content"), bodyColor: token("--color-neutral-content"),
        titleFont: FONT, bodyFont: { ...FONT, size: 12 },
        callbacks: { label: ({ dataset, parsed }) => `${dataset.label} ${percent(parsed.y)}` },
      },
    },
    scales: {
      x: { grid: { display: false }, border: { color: token("--line") }, ticks: { ...ticks, maxRotation: 0, maxTicksLimit: small.matches ? 5 : 13 } },
      y: { min: 0, suggestedMax: 4, border: { display: false }, grid: { color: token("--color-base-300") }, ticks: { ...ticks, precision: 0, maxTicksLimit: 5, callback: whole } },
    },
  };
}

const charts = new Map();

function draw() {
  for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
    const table = document.getElementById(canvas.dataset.chart);
    const found = figures(table);
    // Nothing to draw yet: neither is shown until there is.
    for (const part of [canvas.parentElement, table.closest("details")]) part.hidden = !found.rows.length;
    if (!found.rows.length) continue;
    const data = { labels: found.labels, datasets: datasets(found) };
    const chart = charts.get(canvas);
    if (!chart) charts.set(canvas, new Chart(canvas, { type: "line", data, options: options(), plugins: [ends] }));
    else {
      Object.assign(chart, { data, options: options() });
      chart.update();
    }
  }
}

draw();
document.fonts.ready.then(draw);
document.addEventListener("htmx:afterSettle", draw);
new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
dark.addEventListener("change", draw);
small.addEventListener("change", draw);
