/** What a text states of SMTP's codes. */
export interface Codes {
  /** Enhanced status code (RFC 3463), or null. */
  status: string | null;
  /** Reply code of SMTP (RFC 5321), or null. */
  reply: number | null;
}

// Not part of a version, an IP address or a date.
const enhanced = /(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d|\.\d)/g;
const replyCode = /(?<![\d./-]|\d:)([245][0-5]\d)(?![\d./:]*\d)(?=[\s\-:,.;'")\]]|$)/g;

/**
 * The codes that a text states. Of several status codes the most telling one counts: `5.1.1` says more than `5.0.0`, and a
 * failure more than a success; of equal ones the first.
 */
export function codesIn(text: string): Codes {
  let status: string | null = null;
  for (const match of text.slice(0, 4_000).matchAll(enhanced)) {
    const found = `${match[1]}.${Number(match[2])}.${Number(match[3])}`;
    if (!status || telling(found) > telling(status)) status = found;
  }
  return { status, reply: replyIn(text) };
}

/** The status that says more, the first one if both say as much. */
export function moreTelling(one: string | null, other: string | null): string | null {
  if (!one || !other) return one ?? other;
  return telling(other) > telling(one) ? other : one;
}

function telling(status: string): number {
  if (status.startsWith('2')) return 0;
  return /^.\.0\.0$/.test(status) ? 1 : /\.0$/.test(status) ? 2 : 3;
}

function replyIn(text: string): number | null {
  // Where a number follows a status code it is the same answer's; elsewhere it must begin a phrase to be a reply code.
  const known = /(?<![\d.])([245][0-5]\d)[ -]+(?:#|\()?[245]\.\d{1,3}\.\d{1,3}(?!\d)/.exec(
    text.slice(0, 4_000),
  )?.[1];
  if (known) return Number(known);
  for (const match of text.slice(0, 4_000).matchAll(replyCode)) {
    const before = text.slice(Math.max(0, match.index - 24), match.index);
    // "said: 550 …", "<<< 550 …", "smtp; 550 …", "'550 …", "ERROR_CODE :550", or at the beginning of a line.
    if (/(?:^|\n|[:;'"(<>[|=,-]|said|was|code|error|returned|reason)\s*$/i.test(before))
      return Number(match[1]);
  }
  return null;
}
