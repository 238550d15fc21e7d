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
    preheader: string;
    /** The scheduled day, written out in the language. */
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
    /** A page from which the edition is passed on to somebody else. */
    shareUrl: string;
  };
  /** The frame's own words, in the language. */
  words: Record<WordName, string>;
  brand: ThemeBrand;
}

/** The words of a theme's frame. */
export type WordName =
  | 'readMore'
  | 'more'
  | 'inBrief'
  | 'coverage'
  | 'background'
  | 'similar'
  | 'unsubscribe'
  | 'preferences'
  | 'view'
  | 'share'
  | 'developing';

/** How a newsletter looks, whichever its theme. Colours are `#rrggbb`. */
export interface ThemeBrand {
  /** The accent as a surface: buttons, bands, rules. */
  colour: string;
  /** Text on that surface. */
  onColour: string;
  /** The accent as text on light paper, with enough contrast. */
  textColour: string;
  /** The accent in dark mode, as text on dark paper and as a surface. */
  darkColour: string;
  /** Text on the accent in dark mode. */
  onDarkColour: string;
  logo: { url: string; alt: string; width: number } | null;
  fonts: {
    /** CSS font families; empty: the theme's own. */
    heading: string;
    body: string;
    /** Style sheets of web fonts, for the clients that load them. */
    stylesheets: string[];
  };
  /** Corner radius in CSS pixels; undefined: the theme's own. */
  radius?: number;
  /** The sender's postal address, or what else the law asks for. */
  footer: string;
  social: { name: string; url: string }[];
}

/**
 * A place of the edition. Themes know the slots `lead`, `top`, `brief` and `note`; any other name (one for a topic,
 * say) looks like `top`. The stories of `note` are words of the editors, with `title`, which may be empty, and `note`; `dek`
 * has the same as plain text. There may be several such places.
 */
export interface ThemeSection {
  slot: string;
  title: string;
  open: string;
  close: string;
  /** Interchangeable: a reader gets any number of them, in any order. */
  stories: ThemeStory[];
}

/** Words of the editors. */
export interface ThemeNote {
  title: string;
  /** Markup to be printed as it is, made of p, br, em, strong, ul, ol, li and a, with no attributes but `href`. */
  html: string;
  /** The same as plain text: paragraphs and lists, each made of lines; and the links in it. */
  paragraphs: string[][];
  links: { text: string; url: string }[];
}

export interface ThemeStory {
  open: string;
  close: string;
  title: string;
  dek: string;
  url: string;
  /** Width and height in CSS pixels, where they are known. */
  image: { url: string; alt: string; width?: number; height?: number; doubleUrl?: string | null } | null;
  publisher: string;
  /** For example "5 hours ago" in the language, measured at the scheduled time. */
  age: string;
  topics: string[];
  /** For example "Reported by 6 publishers"; empty for a single report. */
  coverage: string;
  developing: string;
  /** Words of the editors: of a place named `note` its own, of a story what stands beneath it. Missing: there are none. */
  note?: ThemeNote;
  related: { label: string; title: string; url: string; publisher: string }[];
}
