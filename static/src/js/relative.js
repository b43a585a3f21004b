// Keeps <time data-relative="ago|waited"> true while the page stands open.
// Says the same as `ago` and `waited` in teams/templatetags/ligne.py: change both together.

const EVERY_MS = 30_000;
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const { lang } = document.documentElement;
const timeZone = document.documentElement.dataset.zone || undefined;

const written = (options) => new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { timeZone, ...options });
const clock = written({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayKey = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
const minutes = (n) => `${n} min`;
const hours = (n) => `${n} h`;

/** Words for a moment, or null where the server's own still hold (`now`, a day, a date). */
function words(moment, style) {
  const seconds = (Date.now() - moment) / 1000;
  if (seconds < MINUTE) return null;
  if (seconds < HOUR) return minutes(Math.floor(seconds / MINUTE));
  if (style === "waited" && seconds < DAY) return hours(Math.floor(seconds / HOUR));
  if (dayKey.format(moment) === dayKey.format(Date.now())) return clock.format(moment);
  return null;
}

function refresh() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const said = words(new Date(time.dateTime), time.dataset.relative);
    if (said && said !== time.textContent) time.textContent = said;
  }
}

setInterval(() => document.hidden || refresh(), EVERY_MS);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
