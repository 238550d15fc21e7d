import type { Corpus } from './corpus.ts';

/** A story as selection sees it. */
export interface Candidate {
  id: number;
  storylineId: number | null;
  title: string;
  dek: string;
  bodyText: string;
  url: string | null;
  imageUrl: string | null;
  imageAlt: string | null;
  publisher: string;
  author: string | null;
  language: string | null;
  topics: string[];
  /** Milliseconds since 1970. */
  publishedAt: number;
  /** When Broadsheet first saw it, in milliseconds since 1970. */
  firstSeenAt: number;
  /** Place in its source, from 0; null where the source has no order. */
  sourcePosition: number | null;
  sourceWeight: number;
  contentHash: string;
  /** What the story means, as a direction (see embeddings.ts); missing until it has been computed. */
  embedding?: Int8Array | null;
}

/** What a newsletter has already told of a storyline. */
export interface Told {
  storylineId: number;
  /** Of the latest edition that had it, in milliseconds since 1970. */
  at: number;
  /** The title under which it was told. */
  title: string;
  /** It is the story that the newsletter is about: its readers know it, and none of the others' reports. */
  bySeed?: boolean;
}

/** Stories held in memory, and what they are compared by. */
export interface HeldStories {
  /** By id; texts may be missing. */
  stories: Map<number, Candidate>;
  corpus: Corpus;
  /** The ids of a storyline's stories. */
  membersOf(storyline: number): readonly number[];
}
