// How many SMS a text takes, in words: for the composer and for every text with fields.
import { count } from "./segments.js";

// As sms/tracked_link.py counts: the gateway puts its short address in the place of {link}, else behind the text.
const LINK_PLACE = "{link}";
const SHORT_LINK = "https://arsms.co/000000000000";

function withLink(text, url) {
  if (!url) return text;
  const at = text.indexOf(LINK_PLACE);
  if (at < 0) return `${text.trimEnd()} ${SHORT_LINK}`.trimStart();
  return text.slice(0, at) + SHORT_LINK + text.slice(at + LINK_PLACE.length).replaceAll(LINK_PLACE, url);
}

/** @param {HTMLElement} shown says it, in the words of `words` (templates/sms/count_words.html). */
export function showCount(shown, words, written, url) {
  const text = withLink(written, url.trim());
  const { encoding, units, perSegment, segments, firstUcs2 } = count(text.replaceAll("\r\n", "\n"));
  const parts = segments === 1 ? words.partsOne : words.partsMany.replace("%n", segments);
  const room = segments === 1 ? perSegment : perSegment * segments;
  const used = document.createElement("b");
  used.textContent = units;
  shown.replaceChildren(...(text ? [used, ` ${words.of} ${room} · ${parts}`] : []));
  shown.classList.toggle("more", segments > 1);
  shown.title = !text ? "" : encoding === "GSM-7" ? words.gsm : words.ucs2.replace("%c", firstUcs2);
}
