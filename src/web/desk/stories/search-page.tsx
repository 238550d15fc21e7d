/** @jsxImportSource hono/jsx */
import { sql } from 'kysely';
import type { Context } from '../../../context.ts';
import { loadTaxonomy } from '../../../selection/topics/taxonomy.ts';
import {
  type FoundStory,
  type HowFound,
  type Marked,
  searchStories,
  storyLanguages,
} from '../../../stories/search.ts';
import { Button, Empty, Input, Pager, Select } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage, showDesk } from '../frame.tsx';
import { asksForPiece } from '../toast.tsx';
import { webAddress } from '../web-address.ts';
import { away, type DeskLanguage, moment, type Speak, speaking } from '../words/words.ts';
import { deskZone, zoneName } from '../zone.ts';
import { languageName } from './language-name.ts';
import { storyTexts } from './words.ts';

const hoursOf = { day: 24, days: 72, week: 168, month: 720 } as const;
const pageSize = 30;

/** What somebody asked for, from the page's address. */
interface Asked {
  words: string;
  source?: number;
  topic?: string;
  time?: keyof typeof hoursOf;
  language?: string;
  order?: 'best';
  after?: string;
}

/** `/desk/stories`: a search over all stories, or the newest of them; asked by htmx, the list alone. */
export async function searchPage(context: Context, c: DeskCall) {
  const { language, session } = c.var;
  const say = speaking(storyTexts, language);
  const asked = askedOf(c);
  const now = context.clock.now();
  const [found, zone] = await Promise.all([
    searchStories(context, {
      words: asked.words,
      source: asked.source,
      topic: asked.topic,
      language: asked.language,
      order: asked.order,
      after: asked.after,
      limit: pageSize,
      ...(asked.time && { since: new Date(now.getTime() - hoursOf[asked.time] * 3_600_000) }),
    }),
    deskZone(context, session.user),
  ]);
  const results = <Results found={found} asked={asked} look={{ say, language, now, zone }} />;
  if (asksForPiece(c)) return c.html(results);
  const [sources, topics, languages] = await Promise.all([
    context.db.selectFrom('sources').select(['id', 'name']).orderBy(sql`lower(name)`).limit(500).execute(),
    loadTaxonomy(context),
    storyLanguages(context),
  ]);
  const known = topics.map(({ slug, name }) => [slug, name] as const);
  const topicOptions =
    asked.topic && !known.some(([slug]) => slug === asked.topic)
      ? [[asked.topic, asked.topic] as const, ...known]
      : known;
  return showDesk(
    c,
    <DeskPage c={c} title={say('stories')} place="stories" sub={say('storiesSub', { zone: zoneName(zone) })}>
      <search>
        <form
          class="story-search"
          method="get"
          action="/desk/stories"
          hx-get="/desk/stories"
          hx-target="#results"
          hx-swap="outerHTML"
          hx-trigger="input changed delay:300ms from:#q, change, submit"
          hx-sync="this:replace"
        >
          <div class="words">
            <Input
              id="q"
              type="search"
              label={say('search')}
              hint={say('searchHint')}
              value={asked.words}
              maxlength={300}
              autocomplete="off"
            />
            <Button icon="search" kind="main">
              {say('find')}
            </Button>
          </div>
          <div class="narrowed">
            <Select
              id="source"
              label={say('source')}
              value={asked.source ?? ''}
              options={[['', say('anySource')], ...sources.map(({ id, name }) => [id, name] as const)]}
            />
            <Select
              id="topic"
              label={say('topic')}
              value={asked.topic ?? ''}
              options={[['', say('anyTopic')], ...topicOptions]}
            />
            <Select
              id="time"
              label={say('time')}
              value={asked.time ?? ''}
              options={[
                ['', say('anyTime')],
                ['day', say('lastDay')],
                ['days', say('lastDays')],
                ['week', say('lastWeek')],
                ['month', say('lastMonth')],
              ]}
            />
            <Select
              id="language"
              label={say('language')}
              value={asked.language === undefined ? '' : asked.language || 'none'}
              options={[
                ['', say('anyLanguage')],
                ...languages.map(
                  (each) =>
                    [each || 'none', each === '' ? say('noLanguage') : languageName(each, language)] as const,
                ),
              ]}
            />
            <Select
              id="order"
              label={say('order')}
              value={asked.order ?? ''}
              options={[
                ['', say('newest')],
                ['best', say('best')],
              ]}
            />
          </div>
        </form>
      </search>
      {results}
    </DeskPage>,
  );
}

interface ListLook {
  say: Speak<keyof (typeof storyTexts)['en']>;
  language: DeskLanguage;
  now: Date;
  zone: string;
}

function Results({
  found: { stories, next, how },
  asked,
  look,
}: {
  found: { stories: FoundStory[]; next: string | null; how: HowFound };
  asked: Asked;
  look: ListLook;
}) {
  const { say } = look;
  const isAll = addressOf({ ...asked, after: undefined }) === '/desk/stories';
  return (
    <section id="results" class="stack" aria-label={say('results')} aria-live="polite">
      {how === 'beginning' ? <p class="quiet">{say('beginning', { words: asked.words })}</p> : null}
      {how === 'letters' && stories.length > 0 ? <p class="quiet">{say('letters')}</p> : null}
      {stories.length === 0 ? (
        <Empty title={say(isAll ? 'noStories' : 'nothing')}>
          <p>{say(isAll ? 'noStoriesText' : 'nothingText')}</p>
          {isAll ? <Button href="/desk/sources">{say('toSources')}</Button> : null}
        </Empty>
      ) : (
        <ol class="story-list">
          {stories.map((story) => (
            <StoryRow story={story} look={look} />
          ))}
        </ol>
      )}
      <Pager
        label={say('pages')}
        {...(asked.after && {
          newer: [addressOf({ ...asked, after: undefined }), say('first')] as [string, string],
        })}
        {...(next && {
          older: [
            addressOf({ ...asked, after: next }),
            say(asked.order === 'best' && asked.words ? 'more' : 'older'),
          ] as [string, string],
        })}
      />
    </section>
  );
}

function StoryRow({ story, look: { say, language, now, zone } }: { story: FoundStory; look: ListLook }) {
  return (
    <li>
      {webAddress(story.image_url) ? (
        <img
          class="thumb"
          src={webAddress(story.image_url)}
          alt=""
          width={120}
          height={80}
          loading="lazy"
          referrerpolicy="no-referrer"
        />
      ) : (
        <span class="thumb" />
      )}
      <div>
        <p class="of">
          <strong>{story.publisher}</strong>
          <time
            datetime={story.published_at.toISOString()}
            title={moment(story.published_at, language, zone)}
          >
            {away(story.published_at, now, language)}
          </time>
          {story.source && story.source !== story.publisher ? (
            <span>{say('via', { source: story.source })}</span>
          ) : null}
          {story.language && story.language.split('-')[0] !== language ? (
            <span>{languageName(story.language, language)}</span>
          ) : null}
        </p>
        <h2>
          <a href={`/desk/stories/${story.id}`}>
            <Marks text={story.found.title} />
          </a>
        </h2>
        <p class="passage">
          <Marks text={story.found.passage} />
        </p>
        {story.topics.length > 0 || story.reports > 1 ? (
          <p class="of">
            {story.reports > 1 && story.storyline_id !== null ? (
              <a href={`/desk/storylines/${story.storyline_id}`}>
                {say('reportsOf', { count: story.reports })}
              </a>
            ) : null}
            {story.topics.slice(0, 4).map((topic) => (
              <a class="tag" href={`/desk/stories?${new URLSearchParams({ topic })}`}>
                {topic}
              </a>
            ))}
          </p>
        ) : null}
      </div>
    </li>
  );
}

const Marks = ({ text }: { text: Marked }) => (
  <>{text.map((piece) => (piece.marked ? <mark>{piece.text}</mark> : piece.text))}</>
);

function askedOf(c: DeskCall): Asked {
  const given = (name: string) => (c.req.query(name) ?? '').replaceAll('\0', '').toWellFormed().trim();
  const source = given('source');
  const time = given('time');
  const language = given('language');
  return {
    words: given('q').slice(0, 300),
    ...(/^\d{1,15}$/.test(source) && { source: Number(source) }),
    ...(given('topic') && { topic: given('topic').slice(0, 200) }),
    ...(Object.hasOwn(hoursOf, time) && { time: time as keyof typeof hoursOf }),
    ...(language && { language: language === 'none' ? '' : language.slice(0, 35) }),
    ...(given('order') === 'best' && { order: 'best' as const }),
    ...(given('after') && { after: given('after').slice(0, 60) }),
  };
}

function addressOf({ words, source, topic, time, language, order, after }: Asked): string {
  const query = new URLSearchParams({
    ...(words && { q: words }),
    ...(source !== undefined && { source: String(source) }),
    ...(topic && { topic }),
    ...(time && { time }),
    ...(language !== undefined && { language: language || 'none' }),
    ...(order && { order }),
    ...(after && { after }),
  });
  return `/desk/stories${query.size > 0 ? `?${query}` : ''}`;
}
