import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { EditionStory } from '../editions/content.ts';
import { type Edition, storiesOf } from '../editions/editions.ts';
import { UserError } from '../errors.ts';
import type { LinkSigner } from '../links.ts';
import {
  assembleHtml,
  assembleMessage,
  assembleText,
  type Choice,
  type ReaderValues,
} from '../rendering/assemble.ts';
import { type CompiledEdition, readerTexts } from '../rendering/compile.ts';
import { withoutMarks } from '../rendering/marks.ts';
import { loadCompiled } from '../rendering/store.ts';
import { chooseFor } from '../selection/personal.ts';
import { parsePolicy } from '../selection/policy.ts';

/** A reader as composing sees them. */
export interface Reader {
  id: number;
  email: string;
  name: string | null;
  topics: string[];
  mutedTopics: string[];
}

/** An edition made ready for composing its messages; the same for all its readers. */
export interface Composer {
  edition: Edition;
  compiled: CompiledEdition;
  stories: EditionStory[];
  slots: { name: string; count: number }[];
  newsletter: { id: number; fromAddress: string; onUncertain: 'resend' | 'skip' };
  signer: LinkSigner;
}

/** @throws UserError if the edition was never compiled */
export async function prepareComposer(
  context: Context,
  edition: Edition,
  signer: LinkSigner,
): Promise<Composer> {
  const [compiled, stories, newsletter] = await Promise.all([
    loadCompiled(context, edition.id),
    storiesOf(context, edition.id),
    context.db
      .selectFrom('newsletters')
      .selectAll()
      .where('id', '=', edition.newsletter_id)
      .executeTakeFirstOrThrow(),
  ]);
  if (!compiled)
    throw new UserError(`Edition ${edition.id} has not been rendered.`, {
      code: 'state',
      hint: `Build it: broadsheet editions build --edition ${edition.id}`,
    });
  return {
    edition,
    compiled,
    stories,
    slots: parsePolicy(edition.policy).slots,
    newsletter: {
      id: newsletter.id,
      fromAddress: newsletter.from_address,
      onUncertain: newsletter.on_uncertain === 'resend' ? 'resend' : 'skip',
    },
    signer,
  };
}

/** Loads readers with their wishes: the topics of all their subscriptions to the newsletter's lists, taken together. */
export async function loadReaders(context: Context, newsletterId: number, ids: number[]): Promise<Reader[]> {
  const { rows } = await sql<Reader>`
    select subscribers.id, subscribers.email, subscribers.name,
           coalesce(array_agg(distinct topic) filter (where topic is not null), '{}') as topics,
           coalesce(array_agg(distinct muted) filter (where muted is not null), '{}') as "mutedTopics"
    from subscribers
    left join subscriptions on subscriptions.subscriber_id = subscribers.id
      and subscriptions.list_id in (select list_id from newsletter_lists where newsletter_id = ${newsletterId})
    left join unnest(subscriptions.topics) as topic on true
    left join unnest(subscriptions.muted_topics) as muted on true
    where subscribers.id = any(${ids}::bigint[])
    group by subscribers.id
    order by subscribers.id`.execute(context.db);
  return rows;
}

/** A message ready to be handed over. */
export interface ComposedMessage {
  subscriberId: number;
  from: string;
  to: string;
  raw: Buffer[];
  /** Positions of the stories in it, in order. */
  stories: number[];
}

/** Puts together one reader's message. */
export function compose(context: Context, composer: Composer, reader: Reader): ComposedMessage {
  const { edition, compiled, newsletter, signer } = composer;
  const choice = choiceFor(composer, reader);
  const domain = newsletter.fromAddress.split('@')[1] ?? 'localhost';
  const bounceToken = signer.sign('bounce', [edition.id, reader.id]);
  const returnPath = tagged(context.config.returnPath ?? newsletter.fromAddress, bounceToken);
  return {
    subscriberId: reader.id,
    from: returnPath,
    to: reader.email,
    stories: choice.flat(),
    raw: assembleMessage(compiled, choice, readerValues(context, composer, reader), {
      to: reader.email,
      toName: reader.name && withoutMarks(reader.name),
      // The same however often the delivery is tried, so that a mailbox can tell a second copy.
      messageId: `<${bounceToken}@${domain}>`,
      date: context.clock.now(),
      unsubscribeMail: context.config.returnPath
        ? tagged(context.config.returnPath, `u${bounceToken}`)
        : undefined,
    }),
  };
}

/** One reader's edition as a page and as text, for the browser and for previews. */
export function composePage(
  context: Context,
  composer: Composer,
  reader: Reader,
  stories?: number[],
): { html: string; text: string } {
  const choice = stories ? bySlot(composer, stories) : choiceFor(composer, reader);
  const values = readerValues(context, composer, reader);
  return {
    html: assembleHtml(composer.compiled, choice, values),
    text: assembleText(composer.compiled, choice, values),
  };
}

function choiceFor(composer: Composer, reader: Reader): Choice {
  return chooseFor(composer.stories, composer.slots, reader);
}

// What a delivery recorded is one row of positions; the slots' sizes say where each slot begins.
function bySlot(composer: Composer, positions: number[]): Choice {
  let next = 0;
  return composer.slots.map(({ count }) => {
    const slot = positions.slice(next, next + count);
    next += count;
    return slot;
  });
}

function readerValues(context: Context, composer: Composer, reader: Reader): ReaderValues {
  const { signer, edition, compiled } = composer;
  const base = context.config.publicUrl;
  return {
    ...readerTexts(compiled, reader),
    unsubscribeUrl: `${base}/unsubscribe/${signer.sign('unsubscribe', [reader.id, edition.id])}`,
    preferencesUrl: `${base}/preferences/${signer.sign('preferences', [reader.id, edition.id])}`,
    viewUrl: `${base}/view/${signer.sign('view', [reader.id, edition.id])}`,
  };
}

/** `local@domain` and a tag: `local+tag@domain` (RFC 5233 section 1). */
function tagged(address: string, tag: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}+${tag}${address.slice(at)}`;
}
