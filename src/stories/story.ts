/** A story as a source gives it, before it is cleaned and stored. Every text may be hostile or broken. */
export interface IncomingStory {
  /** Absent for a plain text file that names no address. */
  url?: string;
  /** The source's own identifier (RSS guid, Atom id). */
  guid?: string;
  title: string;
  /** One or two sentences below the title. */
  dek?: string;
  /** The article's text, paragraphs separated by an empty line. */
  bodyText?: string;
  imageUrl?: string;
  imageAlt?: string;
  author?: string;
  publisher?: string;
  /** A BCP 47 tag. */
  language?: string;
  topics?: string[];
  publishedAt?: Date;
  /** Place in the source as it was fetched, from 0: editors put what matters first. */
  position?: number;
}

/** What became of a batch of incoming stories. */
export interface IntakeResult {
  added: number[];
  /** Stories that were known and now say something else; the former text is kept as a revision. */
  updated: number[];
  unchanged: number[];
  /** Stories that could not be taken, or only in part: which (URL, title or place in the input) and why. */
  problems: { where: string; reason: string }[];
}

/** What an intake needs to know of the source that stories come from. */
export interface StorySource {
  id: number;
  publisher: string;
  language: string | null;
  topics: string[];
}
