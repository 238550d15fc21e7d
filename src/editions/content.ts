import type { ChosenStory, Slot } from '../selection/chosen.ts';

export type { Slot };
/** A story of an edition. */
export type EditionStory = ChosenStory;

/** An edition's content: all that rendering needs to know. */
export interface EditionContent {
  editionId: number;
  version: number;
  /** The scheduled instant. */
  scheduledFor: Date;
  newsletter: {
    slug: string;
    name: string;
    description: string;
    fromName: string;
    fromAddress: string;
    replyTo: string | null;
    timeZone: string;
    brand: Record<string, unknown>;
  };
  subject: string;
  preheader: string;
  /** A BCP 47 tag: the language of the frame. */
  language: string;
  /** A theme's name in emails/, or a path to a .tsx or .mjml file. */
  theme: string;
  slots: Slot[];
  stories: EditionStory[];
}
