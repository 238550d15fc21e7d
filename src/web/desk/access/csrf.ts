import { randomBytes } from 'node:crypto';

/**
 * A session's token as a page carries it: another text in each page, so that the size of a compressed page tells nothing of it
 * (BREACH). @param token base64url
 */
export function masked(token: string): string {
  const secret = Buffer.from(token, 'base64url');
  const mask = randomBytes(secret.length);
  return Buffer.concat([mask, xor(secret, mask)]).toString('base64url');
}

/** The opposite; what is not masked comes back as it is. @param length of the session's token in bytes */
export function unmasked(given: string, length: number): string {
  const bytes = Buffer.from(given, 'base64url');
  if (bytes.length !== 2 * length) return given;
  return xor(bytes.subarray(length), bytes.subarray(0, length)).toString('base64url');
}

const xor = (one: Buffer, other: Buffer) => Buffer.from(one.map((byte, at) => byte ^ (other[at] as number)));
