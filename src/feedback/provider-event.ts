import type { LinkSigner } from '../links.ts';
import { classify } from './classify.ts';
import { bounceKind, type EventKind, type FeedbackEvent, type Source } from './event.ts';
import { isHard } from './reasons.ts';
import { deliveryNamedBy } from './return-path.ts';
import { codesIn } from './status.ts';

/** What a provider's event says, before it is made ours. */
export interface ProviderEvent {
  source: Source;
  /** The provider's own id of the event. */
  id: string;
  /** Whatever may name the delivery: a token, a Message-ID or a return path of ours. */
  names: (string | null | undefined)[];
  address: string | null | undefined;
  at?: Date;
}

/** A complaint, a wish to leave or an automatic answer that a provider tells of. */
export function plainEvent(
  signer: LinkSigner,
  event: ProviderEvent,
  kind: Exclude<EventKind, 'hard' | 'soft' | 'block' | 'delay'>,
): FeedbackEvent {
  const reason = kind === 'complaint' ? 'feedback' : kind === 'auto-reply' ? 'vacation' : null;
  return { ...baseOf(signer, event), kind, reason, status: null, reply: null, detail: '' };
}

/**
 * A failed delivery that a provider tells of. The server's words decide what it was, as providers call much permanent that
 * is a refusal of the sender; the provider's verdict counts where the words say nothing, and it can make a failure milder.
 */
export function bounceEvent(
  signer: LinkSigner,
  event: ProviderEvent,
  failure: {
    verdict: 'hard' | 'soft' | 'block' | undefined;
    /** The server's words, the most telling first. */
    words: (string | null | undefined)[];
    status?: string | null;
    reply?: number | null;
  },
): FeedbackEvent {
  const texts = failure.words.filter((text): text is string => Boolean(text?.trim()));
  const codes = codesIn(texts.join('\n'));
  const status = /^[245]\.\d{1,3}\.\d{1,3}$/.test(failure.status ?? '')
    ? (failure.status ?? null)
    : codes.status;
  const reply = failure.reply && failure.reply >= 400 && failure.reply < 600 ? failure.reply : codes.reply;
  const said = classify({ texts, status, reply, isStated: texts.length > 0, action: null });
  const isVague = said === 'undefined' || said === 'onhold' || said === 'delivered';
  const reason =
    isVague && failure.verdict === 'hard' ? 'userunknown' : said === 'delivered' ? 'undefined' : said;
  const hard = isHard(reason) && failure.verdict !== 'soft' && failure.verdict !== 'block';
  const kind = failure.verdict === 'block' ? 'block' : bounceKind({ reason, hard });
  return { ...baseOf(signer, event), kind, reason, status, reply, detail: texts[0] ?? '' };
}

function baseOf(signer: LinkSigner, { source, id, names, address, at }: ProviderEvent) {
  return {
    source,
    externalId: `${source}:${id}`,
    about: deliveryNamedBy(signer, names),
    address: address ?? null,
    at,
  };
}
