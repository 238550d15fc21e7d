// Zones that RFC 822 does not name but feeds use; V8 knows the American ones.
const offsets: Record<string, string> = {
  BST: '+0100',
  IST: '+0530',
  WET: '+0000',
  WEST: '+0100',
  CET: '+0100',
  CEST: '+0200',
  MEZ: '+0100',
  MESZ: '+0200',
  EET: '+0200',
  EEST: '+0300',
  MSK: '+0300',
  SGT: '+0800',
  HKT: '+0800',
  JST: '+0900',
  KST: '+0900',
  AEST: '+1000',
  AEDT: '+1100',
  NZST: '+1200',
  NZDT: '+1300',
};

/**
 * A date as feeds, pages and people's files write it: RFC 822 or ISO 8601, with or without time. Without a zone it
 * is read as UTC, whatever zone this machine is in.
 * @returns undefined for what is no date, and for 03/04/2026, which means two different days
 */
export function parseDate(text: string | undefined): Date | undefined {
  if (!text || text.length > 100 || /^\s*\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b/.test(text)) return undefined;
  let rest = text.trim().replace(/\s+/g, ' ');
  // Numbers alone would be taken for a year, or milliseconds.
  if (/^\d+$/.test(rest)) return /^\d{8}$/.test(rest) ? isoDay(rest) : undefined;
  rest = rest.replace(/\b[A-Z]{3,4}$/, (zone) => offsets[zone] ?? zone);
  // Day names in any language say nothing that the date does not.
  rest = rest.replace(/^\p{L}+\.?,\s*/u, '').replace(/^(\d+)(?:st|nd|rd|th)\b/i, '$1');
  rest = rest.replace(/^(\d{4}-\d\d-\d\d) (?=\d)/, '$1T').replace(/^(\S+T\S+) (?=[+-]\d\d|Z$)/, '$1');
  const iso = /^\d{4}-\d\d(-\d\d)?(T|$)/.test(rest);
  const zoned = /(Z|[+-]\d\d:?\d\d|[+-]\d\d|\b(?:UTC?|GMT|[ECMP][SD]T))(\s*\([^)]*\))?$/i.test(
    iso ? (rest.split('T')[1] ?? '') : rest.replace(/^\d{1,2}-\w+-\d+/, ''),
  );
  if (!zoned) rest = iso ? (rest.includes('T') ? `${rest}Z` : rest) : `${rest} UTC`;
  const time = Date.parse(rest);
  return Number.isNaN(time) ? undefined : new Date(time);
}

function isoDay(digits: string): Date | undefined {
  const time = Date.parse(`${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`);
  return Number.isNaN(time) ? undefined : new Date(time);
}
