// How many SMS segments a text takes: the same algorithm as sms/segments_of_text.py, for the composer.

// The GSM 7-bit default alphabet without ESC, and the characters that take ESC and a second septet.
const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("\f^{}\\[~]|€");

const GSM_SINGLE = 160;
const GSM_PART = 153;
const UCS2_SINGLE = 70;
const UCS2_PART = 67;

/**
 * @param {string} text as it goes on the air (line ends as "\n")
 * @returns {{encoding: "GSM-7"|"UCS-2", units: number, perSegment: number, segments: number,
 *   firstUcs2: string|null}} units are septets or UTF-16 code units
 */
export function count(text) {
  const characters = [...text]; // code points: a surrogate pair is one of them
  const firstUcs2 = characters.find((each) => !BASIC.has(each) && !EXTENSION.has(each)) ?? null;
  const gsm = firstUcs2 === null;
  const sizes = characters.map((each) => (gsm ? (EXTENSION.has(each) ? 2 : 1) : each.length));
  const units = sizes.reduce((sum, size) => sum + size, 0);
  const single = gsm ? GSM_SINGLE : UCS2_SINGLE;
  const part = gsm ? GSM_PART : UCS2_PART;
  const encoding = gsm ? "GSM-7" : "UCS-2";
  if (units <= single) {
    return { encoding, units, perSegment: single, segments: 1, firstUcs2 };
  }
  let segments = 1;
  let room = part;
  for (const size of sizes) {
    // A pair is never split over a segment's border.
    if (size > room) {
      segments += 1;
      room = part;
    }
    room -= size;
  }
  return { encoding, units, perSegment: part, segments, firstUcs2 };
}
