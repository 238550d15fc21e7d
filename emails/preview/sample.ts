import type { ThemeProps, ThemeStory } from '../../src/rendering/theme-props.ts';

const story = (
  title: string,
  dek: string,
  publisher: string,
  more: Partial<ThemeStory> = {},
): ThemeStory => ({
  open: '',
  close: '',
  title,
  dek,
  url: 'https://news.example.com/story',
  image: null,
  publisher,
  age: '3 hours ago',
  topics: [],
  coverage: '',
  developing: '',
  related: [],
  ...more,
});

/** What React Email's preview server shows: an edition of an invented newsletter. */
export const sampleProps: ThemeProps = {
  language: 'en',
  direction: 'ltr',
  newsletter: { name: 'The Harbour Post', description: 'What moved on the coast today' },
  edition: {
    subject: 'The old lighthouse is lit again after forty dark years',
    preheader: 'Also: a ferry that runs on tides, and the bakery that never closed',
    date: 'Tuesday, 24 November 2026',
  },
  sections: [
    {
      slot: 'lead',
      title: 'Top story',
      open: '',
      close: '',
      stories: [
        story(
          'The old lighthouse is lit again after forty dark years',
          'Volunteers rebuilt the lens from drawings found in a school attic. The first ship to answer was the ferry.',
          'Harbour Post',
          {
            coverage: 'Reported by 6 publishers',
            related: [
              {
                label: 'More coverage',
                title: 'How the lens came back together',
                url: 'https://glass.example.com/lens',
                publisher: 'Glass Weekly',
              },
              {
                label: 'Background',
                title: 'Why the light went out in 1986',
                url: 'https://archive.example.com/1986',
                publisher: 'Coast Archive',
              },
            ],
          },
        ),
      ],
    },
    {
      slot: 'top',
      title: 'More stories',
      open: '',
      close: '',
      stories: [
        story(
          'A ferry that runs on tides begins its trial',
          'It carries forty people and no fuel.',
          'Northern Ledger',
          { developing: 'First passengers aboard' },
        ),
        story(
          'School garden wins the regional prize',
          'The jury praised the compost, of all things.',
          'Valley Courier',
        ),
      ],
    },
    {
      slot: 'brief',
      title: 'In brief',
      open: '',
      close: '',
      stories: [
        story('Bridge closes for two nights', '', 'City Desk'),
        story('Chess club seeks a new hall', '', 'Valley Courier'),
      ],
    },
  ],
  reader: {
    greeting: 'Hello Ada,',
    why: 'You get this because ada@example.com is subscribed to The Harbour Post.',
    unsubscribeUrl: 'https://news.example.com/unsubscribe/sample',
    preferencesUrl: 'https://news.example.com/preferences/sample',
    viewUrl: 'https://news.example.com/view/sample',
  },
  // Written out: a theme is bundled where it lies, and may import types of src, but no code of it.
  words: {
    readMore: 'Read the story',
    more: 'More stories',
    inBrief: 'In brief',
    coverage: 'More coverage',
    background: 'Background',
    similar: 'Related',
    unsubscribe: 'Unsubscribe',
    preferences: 'Choose what you get',
    view: 'View in browser',
    developing: 'Developing',
  },
  brand: { colour: '#8a1c1c', footer: 'The Harbour Post, 1 Quay Street, Example Bay' },
};
