/** Why something stands where it stands: a sentence for an editor, and the numbers behind it. */
export interface Reason {
  text: string;
  parts: Record<string, number>;
}

/** A link beneath a story, and what makes it related. */
export interface RelatedStory {
  storyId: number;
  kind: 'coverage' | 'background' | 'similar';
  title: string;
  url: string;
  publisher: string;
  /** ISO 8601, UTC. */
  publishedAt: string;
  reason: Reason;
}

/** What an editor may have written over in a story. */
export interface Original {
  title?: string;
  dek?: string;
  imageUrl?: string | null;
  imageAlt?: string | null;
  reason?: Reason;
}

/** A part of an image, in shares of its width and height from the upper left corner. */
export interface Crop {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Words of the editors, in Markdown. */
export interface Note {
  title: string;
  text: string;
}

/** A story as it stands in an edition: a copy, so that what was sent can be shown whatever becomes of the story. */
export interface ChosenStory {
  /** Place among the edition's candidates, from 0; names the story within the edition. */
  position: number;
  /** The slot that the story has for a reader without wishes of their own; `reserve` if it has none. */
  slot: string;
  storyId: number | null;
  storylineId: number | null;
  title: string;
  dek: string;
  url: string;
  imageUrl: string | null;
  imageAlt: string | null;
  publisher: string;
  author: string | null;
  topics: string[];
  /** ISO 8601, UTC. */
  publishedAt: string;
  /** Distinct publishers that report the storyline, this one included. */
  coverage: number;
  /** What is new, where the list has had this storyline before. */
  developing: string | null;
  pinned: boolean;
  /** Taken over from an earlier edition, for readers who did not get that one: a roll-up's. */
  from?: { editionId: number; scheduledFor: string };
  score: number;
  reason: Reason;
  related: RelatedStory[];
  /** Names it within its edition, wherever it is moved to. */
  key?: string;
  /** A note stands in a place of its own, pinned, and is no story: its text is `note`. */
  kind?: 'note';
  /** What the editors say: in a note its own words, in a story what stands beneath it. */
  note?: Note;
  /** What is shown of its image; all of it if not given. */
  crop?: Crop;
  /** What an editor has written over in this edition. */
  original?: Original;
}

/** A named place in an edition and how many stories it takes. */
export interface Slot {
  name: string;
  count: number;
  /** It takes stories with this topic only. */
  topic?: string;
  /** What readers see above it. */
  title?: string;
}

/** Whether a slot takes notes of the editors, and no stories. */
export const isNoteSlot = (name: string) => /^note(?:-\d+)?$/.test(name);
