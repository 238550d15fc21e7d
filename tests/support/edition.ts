import type { EditionContent, EditionStory } from '../../src/editions/content.ts';
import type { ReaderValues } from '../../src/rendering/assemble.ts';

/** A candidate story of an invented edition. */
export function editionStory(position: number, more: Partial<EditionStory> = {}): EditionStory {
  return {
    position,
    slot: position === 0 ? 'lead' : position < 4 ? 'top' : 'brief',
    storyId: position + 1,
    storylineId: position + 1,
    title: `Story number ${position}`,
    dek: `What story ${position} is about, in a sentence.`,
    url: `https://news.example.com/stories/${position}?a=1&b=2`,
    imageUrl: position === 0 ? 'https://img.example.com/lead.png' : null,
    imageAlt: position === 0 ? 'A lighthouse' : null,
    publisher: 'Harbour Post',
    author: null,
    topics: position % 2 === 0 ? ['sea'] : ['land'],
    publishedAt: '2026-11-24T04:00:00.000Z',
    coverage: 3,
    developing: null,
    pinned: false,
    score: 1 - position / 100,
    reason: { text: 'Reported by 3 publishers.', parts: { coverage: 1 } },
    related:
      position === 0
        ? [
            {
              storyId: 99,
              kind: 'coverage',
              title: 'How it looked from the quay',
              url: 'https://quay.example.com/1',
              publisher: 'Quay Courier',
              publishedAt: '2026-11-24T03:00:00.000Z',
              reason: { text: 'Reports the same event.', parts: {} },
            },
          ]
        : [],
    ...more,
  };
}

/** An invented edition of eight stories. */
export function editionContent(more: Partial<EditionContent> = {}): EditionContent {
  return {
    editionId: 7,
    version: 1,
    scheduledFor: new Date('2026-11-24T07:00:00Z'),
    newsletter: {
      slug: 'harbour-post',
      name: 'The Harbour Post',
      description: 'What moved on the coast',
      fromName: 'The Harbour Post',
      fromAddress: 'news@harbour.example.com',
      replyTo: null,
      timeZone: 'Europe/Berlin',
      brand: {},
    },
    subject: 'The old lighthouse is lit again',
    preheader: 'And six other stories',
    language: 'en',
    theme: 'broadsheet',
    slots: [
      { name: 'lead', count: 1 },
      { name: 'top', count: 3 },
      { name: 'brief', count: 4 },
    ],
    stories: Array.from({ length: 8 }, (_, position) => editionStory(position)),
    ...more,
  };
}

/** What a message of an invented edition holds of one reader. */
export const sampleValues: ReaderValues = {
  greeting: 'Hello Ada,',
  email: 'ada@example.com',
  unsubscribeUrl: 'https://news.example.com/unsubscribe/1-2-abc',
  preferencesUrl: 'https://news.example.com/preferences/1-2-abc',
  viewUrl: 'https://news.example.com/view/1-2-abc',
  token: '1-2-abc',
};

/** The headers of that message. */
export const sampleEnvelope = {
  to: 'ada@example.com',
  toName: 'Ada',
  messageId: '<1.2@news.example.com>',
  date: new Date('2026-11-24T07:00:03Z'),
};
