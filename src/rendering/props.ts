import type { EditionContent, EditionStory } from '../editions/content.ts';
import { shareUrlOf } from '../links.ts';
import { isNoteSlot } from '../selection/chosen.ts';
import { hasTopic } from '../selection/rules.ts';
import { type BrandDefaults, plainBrand, themeBrand } from './brand.ts';
import { imageAddress } from './images.ts';
import { mark, withoutMarks } from './marks.ts';
import { noteInWords, renderNote } from './note.ts';
import { safeUrl } from './safe-url.ts';
import type { ThemeNote, ThemeProps, ThemeStory } from './theme-props.ts';
import { ageInWords, catalogueFor, dayInWords, directionOf } from './words.ts';

/** The slots of an edition and the positions of the candidates that may stand in each. */
export interface SlotPlan {
  name: string;
  count: number;
  /** Its heading; undefined: the theme's word for the name. */
  title?: string;
  positions: number[];
}

/**
 * Which candidates may stand in which slot for some reader: any, but a pinned one only in its own, only those with its
 * topic in a slot that has one, and only notes in a slot for notes.
 * Each block is rendered in the design of each slot it may take.
 */
export function planSlots(content: EditionContent): SlotPlan[] {
  const pinned = new Map(
    content.stories.filter((story) => story.pinned).map((story) => [story.position, story.slot]),
  );
  return content.slots.map(({ name, count, topic, title }) => ({
    name,
    count,
    title,
    positions: content.stories
      .filter(
        ({ position, topics, kind, pinned: isPinned }) =>
          (pinned.get(position) ?? name) === name &&
          (kind === 'note' || !isNoteSlot(name)) &&
          (topic === undefined || isPinned || hasTopic(topics, topic)),
      )
      .map((story) => story.position),
  }));
}

/**
 * What a theme gets for an edition, with marks where readers differ.
 * @param defaults how the theme looks where the newsletter's brand says nothing
 * @param knowsNotes whether it shows words of the editors beneath stories; if not, they follow the story's text
 */
export function themeProps(
  content: EditionContent,
  plan: SlotPlan[],
  defaults: BrandDefaults = plainBrand,
  knowsNotes = true,
): ThemeProps {
  const catalogue = catalogueFor(content.language);
  const byPosition = new Map(content.stories.map((story) => [story.position, story]));
  return {
    language: content.language,
    direction: directionOf(content.language),
    newsletter: {
      name: withoutMarks(content.newsletter.name),
      description: withoutMarks(content.newsletter.description),
    },
    edition: {
      subject: withoutMarks(content.subject),
      preheader: withoutMarks(content.preheader),
      date: dayInWords(content.scheduledFor, content.language, content.newsletter.timeZone),
    },
    sections: plan.map((slot, index) => ({
      slot: isNoteSlot(slot.name) ? 'note' : slot.name,
      title:
        slot.title ??
        catalogue.sections[isNoteSlot(slot.name) ? 'note' : slot.name] ??
        capitalised(slot.name),
      open: mark.openSection(index),
      close: mark.closeSection,
      stories: slot.positions.flatMap((position) => {
        const story = byPosition.get(position);
        return story ? [themeStory(story, content, knowsNotes)] : [];
      }),
    })),
    reader: {
      greeting: mark.value('greeting'),
      why: catalogue.why(withoutMarks(content.newsletter.name), mark.value('email')),
      unsubscribeUrl: mark.value('unsubscribeUrl'),
      preferencesUrl: mark.value('preferencesUrl'),
      viewUrl: mark.value('viewUrl'),
      shareUrl: shareUrlOf(mark.value('viewUrl')),
    },
    words: catalogue.words,
    brand: themeBrand(content.newsletter.brand, defaults),
  };
}

function themeStory(story: EditionStory, content: EditionContent, knowsNotes: boolean): ThemeStory {
  const catalogue = catalogueFor(content.language);
  const note = story.note && renderNote(story.note);
  const image = imageAddress(story);
  if (note && story.kind === 'note') return noteBlock(story.position, note);
  const beneath = note && !knowsNotes ? [note.title, noteInWords(note)] : [];
  return {
    open: mark.openStory(story.position),
    close: mark.closeStory,
    title: withoutMarks(story.title),
    dek: [withoutMarks(story.dek), ...beneath].filter(Boolean).join('\n\n'),
    url: safeUrl(story.url),
    image: image !== '#' ? { url: image, alt: withoutMarks(story.imageAlt?.trim() || story.title) } : null,
    publisher: withoutMarks(story.publisher),
    age: ageInWords(new Date(story.publishedAt), content.scheduledFor, content.language),
    topics: story.topics.map(withoutMarks),
    coverage: story.coverage > 1 ? catalogue.coverage(story.coverage) : '',
    developing: withoutMarks(story.developing ?? ''),
    ...(note && knowsNotes && { note }),
    related: story.related.map((related) => ({
      label: catalogue.words[related.kind],
      title: withoutMarks(related.title),
      url: safeUrl(related.url),
      publisher: withoutMarks(related.publisher),
    })),
  };
}

function noteBlock(position: number, note: ThemeNote): ThemeStory {
  return {
    open: mark.openStory(position),
    close: mark.closeStory,
    title: note.title,
    dek: noteInWords(note),
    url: '#',
    image: null,
    publisher: '',
    age: '',
    topics: [],
    coverage: '',
    developing: '',
    note,
    related: [],
  };
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
