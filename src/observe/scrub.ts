const unquoted = String.raw`^\s"<>()[\],:;\\@`;
const atDomain = String.raw`(?:@|%40)(?:\[[^\]\s]{1,64}\]|(?:[\p{L}\p{M}\p{N}_-]+\.)*[\p{L}\p{M}\p{N}_-]+)`;

const rules: [pattern: RegExp, instead: string][] = [
  [/:\/\/[^/\s@]+@/g, '://(hidden)@'],
  // Links' tokens, and random ones of sessions, logins and the API.
  [/(?<![\w-])[\w-]*-[0-9a-f]{30}(?![0-9a-f])/gi, '(token)'],
  [/(?<![\w-])[\w-]{40,}(?![\w-])/g, '(token)'],
  [/\bBearer\s+\S+/gi, 'Bearer (token)'],
  // What logs in to a mail server, and what is named a secret.
  [/\b(AUTH\s+(?:PLAIN|LOGIN|XOAUTH2|CRAM-MD5))\s+[^\s)"']+/gi, '$1 (hidden)'],
  [/(password|passwd|secret|token|api_?key)(["']?\s*[=:]\s*["']?)(?!\()[^\s"'&,;)]{4,}/gi, '$1$2(hidden)'],
  // Quoted local parts, which may hold anything; and whatever may stand before an @ without quotes, also what encloses another address.
  [new RegExp(`"(?:[^"\\\\\\r\\n]|\\\\.){1,64}"${atDomain}`, 'gu'), '(address)'],
  [new RegExp(`(?<![${unquoted}])[${unquoted}]+${atDomain}`, 'gu'), '(address)'],
];

/** A text without mail addresses, tokens and passwords in URLs, which server's answers and errors may quote. */
export function scrub(text: string): string {
  let clean = text;
  for (const [pattern, instead] of rules) clean = clean.replace(pattern, instead);
  return clean;
}

/** A line of the log with its texts scrubbed. @param line JSON */
export function scrubLine(line: string): string {
  if (!/@|%40|bearer|auth|passw|secret|token|key|[\w-]{30}/i.test(line)) return line;
  return `${JSON.stringify(scrubAll(JSON.parse(line)))}\n`;
}

/** A plain value with all its texts scrubbed. */
export function scrubAll(value: unknown): unknown {
  if (typeof value === 'string') return scrub(value);
  if (Array.isArray(value)) return value.map(scrubAll);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [scrub(name), scrubAll(each)]));
}
