/**
 * An address as bounces write them: with or without angle brackets, in any script (RFC 6531), never quoted. Chinese and Japanese
 * put no space around it: their punctuation ends it, and a domain in ASCII ends where their script begins.
 */
const address =
  /[\w.!#$%&'*+/=?^`{|}~\u0080-\u2fff\u3040-\uff00\uff10-\uff19\uff21-\uffff-]{1,128}@(?:(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?=[\u3000-\uffef])|[a-z0-9\u0080-\u2fff\u3040-\uffff](?:[a-z0-9.\u0080-\u2fff\u3040-\uffff_-]{0,250}[a-z0-9\u0080-\u2fff\u3040-\uffff])?)/gi;

/** Every address in a text, in order, each once whatever its case. */
export function addressesIn(text: string): string[] {
  const found = new Map<string, string>();
  for (const [match] of text.matchAll(address)) {
    const clean = trimmed(match);
    if (clean && !found.has(clean.toLowerCase())) found.set(clean.toLowerCase(), clean);
  }
  return [...found.values()];
}

/** The first address in a text, or undefined. */
export function firstAddress(text: string): string | undefined {
  for (const [match] of text.matchAll(address)) {
    const clean = trimmed(match);
    if (clean) return clean;
  }
  return undefined;
}

/** Takes addresses out of a text: their names (`mailbox-full@…`) say nothing about what went wrong. */
export function withoutAddresses(text: string): string {
  return text.replace(address, 'someone');
}

// Punctuation that a sentence put before the address.
function trimmed(match: string): string | undefined {
  const clean = match.replace(/^['`{|/=*#.]+/, '');
  return clean.startsWith('@') ? undefined : clean;
}
