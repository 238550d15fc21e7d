import type { WordName } from '../theme-props.ts';

/** A text for each plural category that the language has (`Intl.PluralRules`); `{count}` is the number. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** All that Broadsheet says to readers in one language. In braces: what is put in. */
export interface Texts {
  words: Record<WordName, string>;
  /** Headings of the slots, by name. */
  sections: Record<'lead' | 'top' | 'brief' | 'note', string>;
  greeting: string;
  /** With `{name}`. */
  greetingByName: string;
  /** With `{email}` and `{newsletter}`. */
  why: string;
  /** With `{count}`: how many publishers report a story. */
  coverage: Plural;
  /** The mail that asks for a confirmation; `{list}` is the list's name. */
  confirm: {
    subject: string;
    preheader: string;
    title: string;
    body: string;
    button: string;
    otherwise: string;
    /** With `{count}`, of days. */
    days: Plural;
    unasked: string;
  };
  /** The first mail after a confirmation; `{list}` is the list's name. */
  welcome: Record<
    'subject' | 'preheader' | 'title' | 'body' | 'latest' | 'button' | 'choose' | 'leave',
    string
  >;
  /** The mail that brings the link to a reader's own preferences. */
  preferences: Record<'subject' | 'preheader' | 'title' | 'body' | 'button' | 'unasked', string>;
  /** The mail that brings the link to a copy of a reader's own data, and to its erasure. */
  data: Record<'subject' | 'preheader' | 'title' | 'body' | 'button' | 'unasked', string>;
  /** The mail that says that an unsubscription is done; `{list}` is the list's name. */
  goodbye: Record<'subject' | 'preheader' | 'title' | 'body' | 'back' | 'button' | 'last', string>;
  /** The mail, and the page behind it, that ask the long inactive whether to stay; `{list}` is the list's name. */
  stay: Record<'subject' | 'preheader' | 'title' | 'body' | 'button' | 'leave' | 'ask' | 'kept', string> & {
    /** With `{count}`, of days. */
    days: Plural;
  };
}

/** A catalogue, in which texts may be missing. */
export type Catalogue = { [Key in keyof Texts]?: Partial<Texts[Key]> };
