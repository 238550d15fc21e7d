/**
 * What a theme gets. A theme prints `open` and `close` around each section and each story: invisible marks at which
 * the rendered page is cut, so that it is rendered once and not once a reader. Everything under `reader` is a mark
 * too, replaced for each reader with an escaped value. In a preview the marks are empty and the values are samples.
 */
export interface ThemeProps {
  language: string;
  direction: 'ltr' | 'rtl';
  newsletter: { name: string; description: string };
  edition: {
    subject: string;
    preheader: string /** The scheduled day, written out in the language. */;
    date: string;
  };
  /** In the order of the newsletter's slots; the first is the lead. */
  sections: ThemeSection[];
  reader: {
    greeting: string;
    /** Why the reader gets this mail. */
    why: string;
    unsubscribeUrl: string;
    preferencesUrl: string;
    viewUrl: string;
  };
  /** The frame's own words, in the language. */
  words: Record<
    | 'readMore'
    | 'more'
    | 'inBrief'
    | 'coverage'
    | 'background'
    | 'similar'
    | 'unsubscribe'
    | 'preferences'
    | 'view'
    | 'developing',
    string
  >;
  brand: { colour: string; footer: string };
}

export interface ThemeSection {
  slot: string;
  title: string;
  open: string;
  close: string;
  stories: ThemeStory[];
}

export interface ThemeStory {
  open: string;
  close: string;
  title: string;
  dek: string;
  url: string;
  image: { url: string; alt: string } | null;
  publisher: string;
  /** For example "5 hours ago" in the language, measured at the scheduled time. */
  age: string;
  topics: string[];
  /** For example "Reported by 6 publishers"; empty for a single report. */
  coverage: string;
  developing: string;
  related: { label: string; title: string; url: string; publisher: string }[];
}
