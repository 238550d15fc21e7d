import ipaddr from 'ipaddr.js';
import { sql, type Transaction } from 'kysely';
import type { Config } from '../../config.ts';
import type { Context } from '../../context.ts';
import type { DB } from '../../db/schema.ts';
import { UserError } from '../../errors.ts';
import { linkSigner } from '../../links.ts';
import { placeStory } from '../../selection/place.ts';
import { parsePolicy } from '../../selection/policy.ts';
import { restoreStoryline, storylineState } from '../../selection/restore-storyline.ts';
import { joinInTurn, splitInTurn } from '../../selection/storylines.ts';
import { isPublicAddress } from '../../stories/public-address.ts';
import type { EditionStory } from '../content.ts';
import { getEdition } from '../editions.ts';
import { sourcesOf } from '../newsletters.ts';
import { type Found, storyNamed } from './apply.ts';
import type { EditionChange } from './change.ts';
import type { Matter, StorylineWish } from './matter.ts';

/** What a change needs that takes too long to be looked up with the edition locked. */
export interface LookedUp {
  story?: EditionStory;
}

/** Looks up the story that a change takes in. @throws UserError if there is none, or it names a private network's address */
export async function lookUp(context: Context, editionId: number, change: EditionChange): Promise<LookedUp> {
  const edited = change.kind === 'bring-back' ? change.edit : change.kind === 'edit' ? change : undefined;
  if (edited?.imageUrl) mustBePublic(context.config, edited.imageUrl);
  const storyId = change.kind === 'add' ? change.storyId : 'related' in change ? change.related : undefined;
  if (storyId === undefined) return {};
  const edition = await getEdition(context, editionId);
  const signer = await linkSigner(context);
  const story = await placeStory(context, {
    storyId,
    at: edition.scheduled_for,
    policy: parsePolicy(edition.policy),
    sourceIds: await sourcesOf(context, edition.newsletter_id),
    readUrl: (id) => `${context.config.publicUrl}/read/${signer.sign('read', [id])}`,
  });
  if (!story)
    throw new UserError(`Story ${storyId} does not exist, or does not exist any more.`, {
      code: 'not-found',
      hint: 'Search the stories: broadsheet stories list --search WORDS',
    });
  return { story: { ...story, key: `s${storyId}` } };
}

/** Readers' and editors' programs fetch pictures from where they are: an address on a private network would be one of theirs. */
function mustBePublic({ allowPrivateNetwork }: Pick<Config, 'allowPrivateNetwork'>, imageUrl: string): void {
  const host = new URL(imageUrl).hostname.replace(/^\[|\]$/g, '');
  const isPrivate =
    host === 'localhost' || host.endsWith('.localhost') || (ipaddr.isValid(host) && !isPublicAddress(host));
  if (isPrivate && !allowPrivateNetwork)
    throw new UserError('The address of the image is on a private network, where readers do not get.', {
      code: 'usage',
      hint: 'Use an address that is open to everybody.',
    });
}

/** Makes two storylines one, or one two, as a change wants it. The transaction has its turn. */
export async function changeStorylines(
  db: Transaction<DB>,
  now: Date,
  matter: Matter,
  change: EditionChange,
): Promise<Found['storylines']> {
  if (change.kind === 'merge') {
    const one = inDatabase(storyNamed(matter, change.story));
    const other = inDatabase(storyNamed(matter, change.with));
    const { moved, kept } = await joinInTurn(db, now, [one, other]);
    return {
      before: moved.length > 0 ? { apart: moved, ...(kept && { as: kept }) } : undefined,
      after: { together: [one, other] },
      ...(await membership(db, matter, [one, other])),
    };
  }
  if (change.kind === 'split') {
    const one = inDatabase(storyNamed(matter, change.story));
    const own = await splitInTurn(db, now, [change.related]);
    const kept = {
      gone: await storylineState(db, own),
      stayed: await storylineState(db, await storylineOf(db, one)),
    };
    return {
      before: { together: [one, change.related], held: false },
      after: { apart: [change.related], as: kept },
      ...(await membership(db, matter, [one, change.related])),
    };
  }
  return undefined;
}

/**
 * Does to storylines what a patch says, as far as it still can be done.
 * @returns what the stories are of since, and what takes it back from now on, if that is something else than before
 */
export async function storylinesOf(
  db: Transaction<DB>,
  now: Date,
  matter: Matter,
  wish: StorylineWish,
): Promise<Found> {
  let back: StorylineWish | undefined;
  try {
    if ('together' in wish) {
      const { moved, kept } = await joinInTurn(db, now, wish.together, { hold: wish.held ?? true });
      if (kept) back = { apart: moved, as: kept };
    } else if (wish.as) await restoreStoryline(db, now, wish.apart, wish.as);
    else await splitInTurn(db, now, wish.apart);
  } catch (error) {
    // Others have changed them, or the stories have gone: the edition is put back all the same.
    if (!(error instanceof UserError)) throw error;
  }
  return { storylines: { before: back, after: undefined, ...(await membership(db, matter, [])) } };
}

/** @param more stories whose storylines have changed: how many report these is counted */
async function membership(
  db: Transaction<DB>,
  { stories, dropped }: Matter,
  more: number[],
): Promise<{ of: Map<number, number | null>; coverage: Map<number, number> }> {
  const ids = [...more, ...[...stories, ...dropped].flatMap(({ storyId }) => storyId ?? [])];
  const { rows } = await sql<{ id: number; storyline: number | null; publishers: number | null }>`
    select id, storyline_id as storyline,
           (select count(distinct other.publisher)::integer from stories as other
            where other.storyline_id = stories.storyline_id) as publishers
    from stories where id = any(${ids}::bigint[])`.execute(db);
  return {
    of: new Map(rows.map(({ id, storyline }) => [id, storyline])),
    coverage: new Map(
      rows
        .filter(({ id }) => more.includes(id))
        .flatMap(({ storyline, publishers }) =>
          storyline === null ? [] : [[storyline, Math.max(1, publishers ?? 1)]],
        ),
    ),
  };
}

async function storylineOf(db: Transaction<DB>, storyId: number): Promise<number> {
  const { storyline_id } = await db
    .selectFrom('stories')
    .select('storyline_id')
    .where('id', '=', storyId)
    .where('storyline_id', 'is not', null)
    .$narrowType<{ storyline_id: number }>()
    .executeTakeFirstOrThrow();
  return storyline_id;
}

function inDatabase({ storyId, title }: EditionStory): number {
  if (storyId === null)
    throw new UserError(`"${title}" is not among the stories any more: it has no storyline.`, {
      code: 'not-found',
    });
  return storyId;
}
