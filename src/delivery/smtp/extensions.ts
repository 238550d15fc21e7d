/** What a server says it can do, in its answer to EHLO (RFC 5321 section 4.1.1.1). */
export interface Extensions {
  /** RFC 2920. */
  pipelining: boolean;
  /** The largest message that it takes, in bytes; 0 if it has SIZE and sets no limit; undefined without (RFC 1870). */
  size: number | undefined;
  /** RFC 6152. */
  eightBit: boolean;
  /** RFC 6531. */
  smtpUtf8: boolean;
  /** RFC 3207. */
  startTls: boolean;
  /** Names of methods, in capitals (RFC 4954). */
  auth: string[];
}

/** A server that can do nothing beyond the least. */
export const none: Extensions = {
  pipelining: false,
  size: undefined,
  eightBit: false,
  smtpUtf8: false,
  startTls: false,
  auth: [],
};

/** @param lines of the answer to EHLO, without codes; the first is a greeting */
export function extensionsOf(lines: string[]): Extensions {
  const found: Extensions = { ...none };
  for (const line of lines.slice(1)) {
    // `AUTH=PLAIN LOGIN` is how servers wrote it before there was a standard.
    const [keyword = '', ...parameters] = line
      .trim()
      .toUpperCase()
      .split(/[\s=]+/);
    if (keyword === 'PIPELINING') found.pipelining = true;
    else if (keyword === 'SIZE')
      found.size = /^\d{1,15}$/.test(parameters[0] ?? '') ? Number(parameters[0]) : 0;
    else if (keyword === '8BITMIME') found.eightBit = true;
    else if (keyword === 'SMTPUTF8') found.smtpUtf8 = true;
    else if (keyword === 'STARTTLS') found.startTls = true;
    else if (keyword === 'AUTH') found.auth = [...new Set([...found.auth, ...parameters])];
  }
  return found;
}
