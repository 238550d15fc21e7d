import { createHash, randomBytes } from 'node:crypto';

/** A token that nobody guesses: 256 random bits, as 43 characters that are safe in an address and a cookie. */
export const secretToken = (): string => randomBytes(32).toString('base64url');

/** What is kept of a token. Random bits need no slow hash. */
export const tokenHash = (token: string): Buffer => createHash('sha256').update(token).digest();
