/** @jsxImportSource hono/jsx */
import { HTTPException } from 'hono/http-exception';
import { sql } from 'kysely';
import { may, visibleNewsletters } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import type { EditionState } from '../../../editions/editions.ts';
import { UserError } from '../../../errors.ts';
import type { RelatedStory } from '../../../selection/chosen.ts';
import type { TopicReason } from '../../../selection/topics/matcher.ts';
import { findStory, type StoryWithHistory } from '../../../stories/find-stories.ts';
import { Button, Card, EditionStateChip, Menu } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage, showDesk } from '../frame.tsx';
import { relatedReasons } from '../sayings/stories.ts';
import { Told } from '../sayings/told.tsx';
import { asksForPiece } from '../toast.tsx';
import { webAddress } from '../web-address.ts';
import { type DeskLanguage, moment, number, type Speak, speaking } from '../words/words.ts';
import { deskZone } from '../zone.ts';
import { languageName } from './language-name.ts';
import type { RelatedLookups } from './related-lookups.ts';
import { type Report, reportsOf } from './storylines.ts';
import { storyTexts } from './words.ts';

const shownText = 1500;
const shownReports = 6;

type Say = Speak<keyof (typeof storyTexts)['en']>;

/**
 * `/desk/stories/:id`: a story, what is known of it, and where it was.
 * @param lookups to show what is related to it without script: while it is being looked up the page comes again by itself
 */
export async function storyPage(context: Context, c: DeskCall, id: number, lookups?: RelatedLookups) {
  const { language, session } = c.var;
  const say = speaking(storyTexts, language);
  const story = await storyOf(context, id);
  const visible = visibleNewsletters(session.user);
  const [zone, reports, editions, newsletters] = await Promise.all([
    deskZone(context, session.user),
    story.storyline_id === null ? [] : reportsOf(context, story.storyline_id, 200),
    editionsOf(context, id, visible),
    context.db.selectFrom('newsletters').select(['id', 'slug', 'name']).orderBy('name').execute(),
  ]);
  const related = await lookups?.within(story);
  if (lookups && !related) c.header('Refresh', '2');
  const now = context.clock.now();
  const when = (at: Date) =>
    moment(at, language, zone, at.getUTCFullYear() === now.getUTCFullYear() ? {} : { year: 'numeric' });
  const ruled = newsletters.filter((each) => may(session.user, 'edit', each.id));
  return showDesk(
    c,
    <DeskPage
      c={c}
      title={story.title}
      place="stories"
      crumbs={[['/desk/stories', say('stories')]]}
      sub={
        <>
          {story.publisher} · {when(story.published_at)}
          {story.author ? ` · ${say('byAuthor', { author: story.author })}` : null}
        </>
      }
      acts={
        <>
          {ruled.length > 0 ? (
            <Menu label={say('makeRule')} text={say('makeRule')} icon="settings">
              {ruled.map(({ slug, name }) => (
                <Button
                  href={`/desk/newsletters/${slug}/rules?${new URLSearchParams({ publisher: story.publisher, topic: story.topics[0] ?? '' })}`}
                >
                  {name}
                </Button>
              ))}
            </Menu>
          ) : null}
          {webAddress(story.url) ? (
            <Button href={webAddress(story.url)} icon="external">
              {say('original')}
            </Button>
          ) : null}
        </>
      }
    >
      <div class="story-columns">
        <div class="stack">
          <section class="card">
            {webAddress(story.image_url) ? (
              <img
                class="story-picture"
                src={webAddress(story.image_url)}
                alt={story.image_alt ?? ''}
                referrerpolicy="no-referrer"
              />
            ) : null}
            <StoryText story={story} say={say} />
          </section>
          <Card id="related" title={say('related')}>
            {related ? (
              <Related related={related} say={say} language={language} />
            ) : lookups ? (
              <p class="quiet">{say('relatedLooking')}</p>
            ) : (
              <div
                hx-get={`/desk/stories/${id}/related`}
                hx-trigger="load"
                hx-swap="outerHTML"
                aria-live="polite"
              >
                <Button href={`/desk/stories/${id}/related`} little>
                  {say('relatedFind')}
                </Button>
              </div>
            )}
          </Card>
          {story.revisions.length > 0 ? (
            <Card id="before" title={say('before')}>
              <ol class="story-before">
                {story.revisions.toReversed().map((revision) => (
                  <li>
                    <p class="quiet small">{say('until', { when: when(revision.replaced_at) })}</p>
                    <p>{revision.title}</p>
                    {revision.dek ? <p class="small">{revision.dek}</p> : null}
                  </li>
                ))}
              </ol>
            </Card>
          ) : null}
        </div>
        <div class="stack">
          <Card id="about" title={say('about')}>
            <dl class="pairs">
              <div>
                <dt>{say('publisher')}</dt>
                <dd>{story.publisher}</dd>
              </div>
              <div>
                <dt>{say('source')}</dt>
                <dd>
                  {story.source_id === null ? (
                    say('noSource')
                  ) : (
                    <a href={`/desk/sources/${story.source_id}`}>{story.source}</a>
                  )}
                </dd>
              </div>
              <div>
                <dt>{say('published')}</dt>
                <dd>{when(story.published_at)}</dd>
              </div>
              <div>
                <dt>{say('firstSeen')}</dt>
                <dd>{when(story.first_seen_at)}</dd>
              </div>
              {story.revision > 1 ? (
                <div>
                  <dt>{say('changed')}</dt>
                  <dd>{say('revisions', { count: story.revision - 1 })}</dd>
                </div>
              ) : null}
              {story.language ? (
                <div>
                  <dt>{say('language')}</dt>
                  <dd>{languageName(story.language, language)}</dd>
                </div>
              ) : null}
              {story.url ? (
                <div>
                  <dt>{say('address')}</dt>
                  <dd>{story.url}</dd>
                </div>
              ) : null}
            </dl>
          </Card>
          <Card id="topics" title={say('topics')}>
            <Topics story={story} say={say} language={language} />
          </Card>
          <Card
            id="storyline"
            title={say('storyline')}
            aside={
              reports.length > 1 ? (
                <a href={`/desk/storylines/${story.storyline_id}`}>{say('wholeStoryline')}</a>
              ) : undefined
            }
          >
            <OtherReports story={story} reports={reports} say={say} when={when} />
          </Card>
          <Card id="editions" title={say('editions')}>
            {editions.length === 0 ? (
              <p class="quiet">{say('editionsNone')}</p>
            ) : (
              <ul class="lines">
                {editions.map((edition) => (
                  <li>
                    <a href={`/desk/editions/${edition.id}`}>{edition.subject || say('noSubject')}</a>
                    <p class="of">
                      <span>{edition.newsletter}</span>
                      <span>{moment(edition.scheduled_for, language, edition.time_zone)}</span>
                      <span>
                        {edition.slot === 'reserve'
                          ? say('asCandidate')
                          : say('asLead', { slot: edition.slot })}
                      </span>
                      <EditionStateChip state={edition.state as EditionState} language={language} />
                    </p>
                  </li>
                ))}
              </ul>
            )}
          </Card>
        </div>
      </div>
    </DeskPage>,
  );
}

/** What is related to a story: for htmx the list alone, which asks again while it is being looked up; else the page with it. */
export async function relatedPage(context: Context, c: DeskCall, id: number, lookups: RelatedLookups) {
  if (!asksForPiece(c)) return storyPage(context, c, id, lookups);
  const story = await storyOf(context, id);
  const say = speaking(storyTexts, c.var.language);
  const related = await lookups.within(story);
  if (related) return c.html(<Related related={related} say={say} language={c.var.language} />);
  return c.html(
    <p
      class="quiet"
      role="status"
      hx-get={`/desk/stories/${id}/related`}
      hx-trigger="load delay:700ms"
      hx-swap="outerHTML"
    >
      {say('relatedLooking')}
    </p>,
  );
}

/** @throws HTTPException 404 if there is none */
async function storyOf(context: Context, id: number): Promise<StoryWithHistory> {
  try {
    return await findStory(context, id);
  } catch (error) {
    if (error instanceof UserError && error.code === 'not-found') throw new HTTPException(404);
    throw error;
  }
}

function Related({ related, say, language }: { related: RelatedStory[]; say: Say; language: DeskLanguage }) {
  if (related.length === 0) return <p class="quiet">{say('relatedNone')}</p>;
  return (
    <ul class="lines">
      {related.map((each) => (
        <li>
          <a href={each.storyId === null ? each.url : `/desk/stories/${each.storyId}`}>{each.title}</a>
          <p class="of">
            <span class="tag">{say(each.kind)}</span>
            <span>{each.publisher}</span>
          </p>
          <p class="quiet small">
            <Told text={each.reason.text} sayings={relatedReasons} language={language} />
          </p>
        </li>
      ))}
    </ul>
  );
}

function StoryText({ story, say }: { story: StoryWithHistory; say: Say }) {
  const paragraphs = story.body_text.split(/\n{1,}/).filter((each) => each.trim());
  let left = shownText;
  const shown = paragraphs.filter((each) => {
    const fits = left > 0;
    left -= each.length;
    return fits;
  });
  const rest = paragraphs.slice(shown.length);
  return (
    <div class="story-text">
      {story.dek ? <p class="dek">{story.dek}</p> : null}
      {shown.map((each) => (
        <p>{each}</p>
      ))}
      {paragraphs.length === 0 ? <p class="quiet">{say('noText')}</p> : null}
      {rest.length > 0 ? (
        <details class="fold">
          <summary>{say('wholeText')}</summary>
          <div class="story-text">
            {rest.map((each) => (
              <p>{each}</p>
            ))}
          </div>
        </details>
      ) : null}
    </div>
  );
}

function Topics({ story, say, language }: { story: StoryWithHistory; say: Say; language: DeskLanguage }) {
  const reasons = story.topic_reasons as unknown as TopicReason[];
  const without = story.topics.filter((topic) => !reasons.some((reason) => reason.topic === topic));
  if (story.topics.length === 0) return <p class="quiet">{say('noTopics')}</p>;
  const by = { category: say('sourceCalls'), keywords: say('byKeyword'), likeness: say('byLikeness') };
  return (
    <ul class="lines">
      {reasons
        .filter(({ topic }) => story.topics.includes(topic))
        .map(({ topic, confidence, by: how, because }) => (
          <li>
            <a class="tag" href={`/desk/stories?${new URLSearchParams({ topic })}`}>
              {topic}
            </a>
            <span class="quiet small">
              {' '}
              {by[how]}
              {because && because !== topic ? ` (${because})` : null},{' '}
              {say('sure', {
                share: number(confidence, language, { style: 'percent', maximumFractionDigits: 0 }),
              })}
            </span>
          </li>
        ))}
      {without.map((topic) => (
        <li>
          <a class="tag" href={`/desk/stories?${new URLSearchParams({ topic })}`}>
            {topic}
          </a>
        </li>
      ))}
    </ul>
  );
}

function OtherReports({
  story,
  reports,
  say,
  when,
}: {
  story: StoryWithHistory;
  reports: Report[];
  say: Say;
  when: (at: Date) => string;
}) {
  if (story.storyline_id === null) return <p class="quiet">{say('noStoryline')}</p>;
  const others = reports.filter(({ id }) => id !== story.id);
  if (others.length === 0) return <p class="quiet">{say('alone')}</p>;
  return (
    <>
      <ul class="lines">
        {others.slice(0, shownReports).map((report) => (
          <li>
            <a href={`/desk/stories/${report.id}`}>{report.title}</a>
            <p class="of">
              <span>{report.publisher}</span>
              <span>{when(report.at)}</span>
            </p>
          </li>
        ))}
      </ul>
      {others.length > shownReports ? (
        <p class="small">
          <a href={`/desk/storylines/${story.storyline_id}`}>
            {say('others', { count: others.length - shownReports })}
          </a>
        </p>
      ) : null}
    </>
  );
}

function editionsOf({ db }: Pick<Context, 'db'>, storyId: number, visible: number[] | undefined) {
  return db
    .selectFrom('edition_stories')
    .innerJoin('editions', 'editions.id', 'edition_stories.edition_id')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .select([
      'editions.id',
      'editions.subject',
      'editions.state',
      'editions.scheduled_for',
      'edition_stories.slot',
      'newsletters.name as newsletter',
      'newsletters.time_zone',
    ])
    .where('edition_stories.story_id', '=', storyId)
    .$if(visible !== undefined, (query) =>
      query.where('editions.newsletter_id', '=', sql<number>`any(${visible}::bigint[])`),
    )
    .orderBy('editions.scheduled_for', 'desc')
    .limit(20)
    .execute();
}
