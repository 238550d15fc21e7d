import type { Context } from '../context.ts';
import type { EditionStory, Slot } from '../editions/content.ts';
import { type Edition, storiesOf } from '../editions/editions.ts';
import { parseTracking, type Tracking } from '../editions/tracking.ts';
import { UserError } from '../errors.ts';
import { type LinkSigner, readerLinks } from '../links.ts';
import {
  assembleHtml,
  assembleMessage,
  assembleText,
  type Choice,
  type ReaderValues,
} from '../rendering/assemble.ts';
import { type CompiledEdition, readerTexts } from '../rendering/compile.ts';
import { withoutMarks } from '../rendering/marks.ts';
import { type CompiledForms, loadCompiled } from '../rendering/store.ts';
import { PersonalChooser, type Placement } from '../selection/personal.ts';
import { parsePolicy } from '../selection/policy.ts';
import { type DkimKey, keysFor } from './dkim.ts';
import { activeDkimKeys } from './dkim-keys.ts';
import { providerHeaders } from './provider-headers.ts';
import { type Past, pastOf, type Reader } from './readers.ts';
import { tagged } from './tagged.ts';

/** An edition made ready for composing its messages; the same for all its readers. */
export interface Composer {
  edition: Edition;
  compiled: CompiledForms;
  stories: EditionStory[];
  slots: Slot[];
  chooser: PersonalChooser;
  /** What its readers had and clicked before is looked up with this. */
  past: Past;
  newsletter: {
    id: number;
    slug: string;
    fromAddress: string;
    onUncertain: 'resend' | 'skip';
    retryMinutes: number;
    /** Each reader has it at this time of their own day. */
    deliverAt: string | null;
    timeZone: string;
    listIds: number[];
  };
  signer: LinkSigner;
  /** What may be known of who clicks; the newsletter's setting of now, not of when the edition was rendered. */
  privacy: Tracking['privacy'];
  /** What messages are signed with; none: they are not signed. */
  dkim: DkimKey[];
}

/** @throws UserError if the edition was never compiled */
export async function prepareComposer(
  context: Context,
  edition: Edition,
  signer: LinkSigner,
): Promise<Composer> {
  const [compiled, stories, newsletter, lists] = await Promise.all([
    loadCompiled(context, edition),
    storiesOf(context, edition.id),
    context.db
      .selectFrom('newsletters')
      .selectAll()
      .where('id', '=', edition.newsletter_id)
      .executeTakeFirstOrThrow(),
    context.db
      .selectFrom('newsletter_lists')
      .select('list_id')
      .where('newsletter_id', '=', edition.newsletter_id)
      .execute(),
  ]);
  if (!compiled)
    throw new UserError(`Edition ${edition.id} has not been rendered.`, {
      code: 'state',
      hint: `Build it: broadsheet editions build --edition ${edition.id}`,
    });
  const { slots, exploration } = parsePolicy(edition.policy);
  return {
    edition,
    compiled,
    stories,
    slots,
    chooser: new PersonalChooser(stories, slots, { share: exploration, seed: edition.id }),
    past: await pastOf(context, edition, stories),
    newsletter: {
      id: newsletter.id,
      slug: newsletter.slug,
      fromAddress: newsletter.from_address,
      onUncertain: newsletter.on_uncertain === 'resend' ? 'resend' : 'skip',
      retryMinutes: newsletter.retry_minutes,
      deliverAt: newsletter.deliver_at,
      timeZone: newsletter.time_zone,
      listIds: lists.map(({ list_id }) => list_id),
    },
    signer,
    privacy: parseTracking(newsletter.tracking).privacy,
    dkim: keysFor(await activeDkimKeys(context), newsletter.from_address),
  };
}

/** A message ready to be handed over. */
export interface ComposedMessage {
  subscriberId: number;
  from: string;
  to: string;
  raw: Buffer[];
  /** Of the whole, in bytes. */
  size: number;
  /** Positions of the stories in it, in order. */
  stories: number[];
}

/**
 * Puts together one reader's message; undefined if their wishes leave nothing to send.
 * @param subject which of the edition's
 * @param choice the stories of each slot; the reader's own, if not given
 */
export function compose(
  context: Context,
  composer: Composer,
  reader: Reader,
  subject = 0,
  choice: Choice = composer.chooser.choose(reader),
): ComposedMessage | undefined {
  const { edition, newsletter, signer } = composer;
  const compiled = formFor(composer, reader);
  if (choice.every((slot) => slot.length === 0)) return undefined;
  const domain = newsletter.fromAddress.split('@')[1] ?? 'localhost';
  const bounceToken = signer.sign('bounce', [edition.id, reader.id]);
  const returnPath = tagged(context.config.returnPath ?? newsletter.fromAddress, bounceToken);
  const raw = assembleMessage(compiled, choice, readerValues(context, composer, compiled, reader), {
    to: reader.email,
    toName: reader.name && withoutMarks(reader.name),
    // The same however often the delivery is tried, so that a mailbox can tell a second copy.
    messageId: `<${bounceToken}@${domain}>`,
    date: context.clock.now(),
    subject: subject < compiled.subjects.length ? subject : 0,
    unsubscribeMail: context.config.returnPath
      ? tagged(context.config.returnPath, `u${bounceToken}`)
      : undefined,
    furtherHeaders: providerHeaders(context.config.webhooks, bounceToken),
  });
  let size = 0;
  for (const part of raw) size += part.length;
  return {
    subscriberId: reader.id,
    from: returnPath,
    to: reader.email,
    stories: recorded(choice, composer.slots),
    raw,
    size,
  };
}

/** One reader's edition as a page and as text, for the browser and for previews. */
export function composePage(
  context: Context,
  composer: Composer,
  reader: Reader,
  stories?: number[],
): { html: string; text: string } {
  const choice = stories ? bySlot(composer.slots, stories) : composer.chooser.choose(reader);
  const compiled = formFor(composer, reader);
  const values = readerValues(context, composer, compiled, reader);
  return {
    html: assembleHtml(compiled, choice, values),
    text: assembleText(compiled, choice, values),
  };
}

/** Why one reader gets what they get. */
export function explainChoice(composer: Composer, reader: Reader): Placement[] {
  return composer.chooser.explain(reader);
}

// A delivery records one row of positions, from which the slots' sizes say where each slot begins; this ends one that
// is not full.
const endOfSlot = -1;

/** One reader's choice as the ledger keeps it. */
export function recorded(choice: Choice, slots: Slot[]): number[] {
  const last = choice.findLastIndex((slot) => slot.length > 0);
  return choice
    .slice(0, last + 1)
    .flatMap((slot, at) =>
      at < last && slot.length < (slots[at]?.count ?? 0) ? [...slot, endOfSlot] : slot,
    );
}

/** The choice that was recorded. */
export function bySlot(slots: Slot[], positions: number[]): Choice {
  let next = 0;
  return slots.map(({ count }) => {
    const slot: number[] = [];
    while (slot.length < count && next < positions.length) {
      const position = positions[next++] as number;
      if (position === endOfSlot) break;
      slot.push(position);
    }
    return slot;
  });
}

/** The edition in the reader's language, with counted links unless they or the newsletter do not want that. */
function formFor({ compiled, privacy }: Composer, { language, untracked }: Reader): CompiledEdition {
  return compiled.for({ language, untracked: untracked || privacy === 'off' });
}

function readerValues(
  context: Context,
  { signer, edition, privacy }: Composer,
  compiled: CompiledEdition,
  reader: Reader,
): ReaderValues {
  return {
    ...readerTexts(compiled, reader),
    ...readerLinks(
      context.config.publicUrl,
      signer,
      reader.id,
      edition.id,
      privacy === 'aggregate' ? 'aggregate' : 'individual',
    ),
  };
}
