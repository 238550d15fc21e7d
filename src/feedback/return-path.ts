import type { LinkSigner } from '../links.ts';
import type { Feedback } from './feedback.ts';

/** Which of our deliveries a message is about. */
export interface AboutDelivery {
  /** Null: a letter to one person, such as a confirmation. */
  editionId: number | null;
  subscriberId: number;
}

/** What an address of ours was made for: the return path of a delivery, or the address that unsubscribes by mail. */
export interface OurAddress extends AboutDelivery {
  purpose: 'bounce' | 'unsubscribe';
}

/**
 * Reads an address as composing made it (`local+TOKEN@domain`, and `local+uTOKEN@domain` for List-Unsubscribe), whatever
 * its case: some servers change it. Undefined if it was not made by this installation.
 */
export function readReturnPath(signer: LinkSigner, address: string): OurAddress | undefined {
  const tag = /\+(u?)([0-9a-f-]{1,200})@[^@]*$/i.exec(address);
  if (!tag?.[2]) return undefined;
  const delivery = readToken(signer, tag[2]);
  return delivery && { ...delivery, purpose: tag[1] ? 'unsubscribe' : 'bounce' };
}

/**
 * The delivery that a message is about: by the return path it came back to, else by the Message-ID of ours that it returns
 * or answers (complaints and automatic answers go to the From address). Both are signed, so a forged one is none.
 */
export function deliveryOf(
  signer: LinkSigner,
  feedback: Pick<Feedback, 'returnPaths' | 'messageIds'>,
): AboutDelivery | undefined {
  for (const address of feedback.returnPaths) {
    const ours = readReturnPath(signer, address);
    if (ours?.purpose === 'bounce') return { editionId: ours.editionId, subscriberId: ours.subscriberId };
  }
  for (const id of feedback.messageIds) {
    const delivery = readToken(signer, id.slice(0, id.lastIndexOf('@')));
    if (delivery) return delivery;
  }
  return undefined;
}

/** The delivery that any of some names is signed for: a token by itself, a Message-ID, or a return path of ours. */
export function deliveryNamedBy(
  signer: LinkSigner,
  names: (string | null | undefined)[],
): AboutDelivery | undefined {
  for (const name of names) {
    const bare = (/<([^<>]{1,400})>/.exec(name ?? '')?.[1] ?? name ?? '').trim();
    const found =
      readToken(signer, bare) ??
      deliveryOf(signer, { returnPaths: [bare], messageIds: bare.includes('@') ? [bare] : [] });
    if (found) return found;
  }
  return undefined;
}

function readToken(signer: LinkSigner, token: string): AboutDelivery | undefined {
  const [editionId, subscriberId, ...rest] = signer.verify('bounce', token) ?? [];
  if (editionId === undefined || subscriberId === undefined) return undefined;
  // A letter's Message-ID has the time in it.
  if (rest.length > (editionId === 0 ? 1 : 0)) return undefined;
  return { editionId: editionId || null, subscriberId };
}
