import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context } from './context.ts';

/** What a signed link may do. The purpose is signed too: a link for one cannot be used for another. */
export type LinkPurpose =
  | 'confirm'
  | 'unsubscribe'
  | 'preferences'
  | 'view'
  | 'read'
  | 'bounce'
  | 'click'
  | 'count'
  | 'form'
  | 'proof'
  | 'limit'
  | 'share'
  | 'data'
  | 'stay'
  | 'seal';

/** Signs and checks the links that subscribers get. */
export interface LinkSigner {
  /**
   * Makes a token from numbers: `12-345-MAC`, safe in a URL path and in the local part of an address.
   * @param parts identifiers, and where the link should expire, the second since 1970 at which it does
   */
  sign(purpose: LinkPurpose, parts: number[]): string;
  /** The numbers of a token, or undefined if it was not made by us for this purpose. */
  verify(purpose: LinkPurpose, token: string): number[] | undefined;
}

const macBytes = 15;

/** @param secret at least 32 characters */
export function createLinkSigner(secret: string): LinkSigner {
  const hmac = hmacSha256(secret);
  const mac = (purpose: LinkPurpose, text: string) => hmac(`${purpose}:${text}`).slice(0, macBytes * 2);
  return {
    sign(purpose, parts) {
      const text = parts.join('-');
      // Hexadecimal, as the local part of a bounce address may come back in another case (RFC 5321 section 2.4 aside).
      return `${text}-${mac(purpose, text)}`;
    },
    verify(purpose, token) {
      const match = /^(\d{1,15}(?:-\d{1,15}){0,5})-([0-9a-f]{30})$/i.exec(token);
      if (!match?.[1] || !match[2]) return undefined;
      const [made, given] = [mac(purpose, match[1]), match[2].toLowerCase()];
      if (!timingSafeEqual(Buffer.from(made), Buffer.from(given))) return undefined;
      return match[1].split('-').map(Number);
    },
  };
}

const blockBytes = 64;
const digestBytes = 32;
const longestText = 256;

/**
 * HMAC with SHA-256 (RFC 2104) as hexadecimal, of ASCII texts up to 256 characters. Five are made for each message, in
 * memory that is used again: `createHmac` with its objects takes almost three times as long.
 */
function hmacSha256(secret: string): (text: string) => string {
  const given = Buffer.from(secret);
  const key = Buffer.alloc(blockBytes);
  (given.length > blockBytes ? hash('sha256', given, 'buffer') : given).copy(key);
  const inner = Buffer.alloc(blockBytes + longestText);
  const outer = Buffer.alloc(blockBytes + digestBytes);
  for (const [at, byte] of key.entries()) {
    inner[at] = byte ^ 0x36;
    outer[at] = byte ^ 0x5c;
  }
  return (text) => {
    const end = blockBytes + inner.write(text, blockBytes, 'latin1');
    outer.write(hash('sha256', inner.subarray(0, end), 'hex'), blockBytes, 'hex');
    return hash('sha256', outer, 'hex');
  };
}

/**
 * The links by which one reader of an edition is known: what a message needs of them.
 * @param counting whose clicks are told apart: each reader's, or (`aggregate`) nobody's, by a token that all share
 */
export function readerLinks(
  publicUrl: string,
  signer: LinkSigner,
  subscriberId: number,
  editionId: number,
  counting: 'individual' | 'aggregate' = 'individual',
) {
  const token = (purpose: LinkPurpose) => signer.sign(purpose, [subscriberId, editionId]);
  return {
    unsubscribeUrl: `${publicUrl}/unsubscribe/${token('unsubscribe')}`,
    preferencesUrl: `${publicUrl}/preferences/${token('preferences')}`,
    viewUrl: `${publicUrl}/view/${token('view')}`,
    token: counting === 'aggregate' ? signer.sign('count', [editionId]) : token('click'),
  };
}

/** The page from which a reader passes an edition on. @param viewUrl their own page of the edition */
export const shareUrlOf = (viewUrl: string) => `${viewUrl}/share`;

/** The signer of this installation. Its secret comes from BROADSHEET_SECRET, else from the database, made once. */
export async function linkSigner(context: Pick<Context, 'config' | 'db'>): Promise<LinkSigner> {
  if (context.config.secret) return createLinkSigner(context.config.secret);
  await context.db
    .insertInto('settings')
    .values({ name: 'link_secret', value: JSON.stringify(randomBytes(32).toString('hex')) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const row = await context.db
    .selectFrom('settings')
    .select('value')
    .where('name', '=', 'link_secret')
    .executeTakeFirstOrThrow();
  return createLinkSigner(String(row.value));
}
