import { createHmac, randomBytes } from 'node:crypto';
import { UserError } from '../errors.ts';

const prefix = 'whsec_';

/** A new secret for a webhook: 32 random bytes. */
export const newSecret = (): Buffer => randomBytes(32);

/** A secret as receivers' libraries take it: `whsec_` and base64. */
export const shownSecret = (secret: Buffer): string => `${prefix}${secret.toString('base64')}`;

/**
 * A secret as it was given.
 * @throws UserError if it is not `whsec_` and the base64 of 24 to 64 bytes, as Standard Webhooks has it
 */
export function parseSecret(text: string): Buffer {
  const written = text.trim();
  const secret = Buffer.from(written.slice(prefix.length), 'base64');
  const isWhole = shownSecret(secret).replace(/=+$/, '') === written.replace(/=+$/, '');
  if (!written.startsWith(prefix) || !isWhole || secret.length < 24 || secret.length > 64)
    throw new UserError('This is no secret of a webhook.', {
      code: 'usage',
      hint: 'Write whsec_ and 24 to 64 bytes in base64, or give none: one is made.',
    });
  return secret;
}

/**
 * The headers that prove a post to be ours (Standard Webhooks, symmetric signatures).
 * @param id the same for each try, so that receivers can tell a repeated post
 * @param at when it is posted
 */
export function signatureHeaders(
  secret: Buffer,
  id: string,
  at: Date,
  body: string,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
