/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import type { Slot } from '../../../editions/content.ts';
import { Csrf } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { type DeskLanguage, type Speak, speaking } from '../words/words.ts';
import type { EditionView } from './view.ts';
import { editionTexts } from './words.ts';

/** What the pieces of the edition's page have in common. */
export interface Look {
  view: EditionView;
  say: Speak<keyof (typeof editionTexts)['en']>;
  language: DeskLanguage;
  csrf: string;
  now: Date;
  /** Where the edition's page is: `/desk/editions/7`. */
  at: string;
  /** It stands on a page of its own, where nothing of the edition could be brought up to date. */
  alone?: boolean;
}

/** How the edition's page speaks and where it is, for who calls. */
export const lookOf = (c: DeskCall, view: EditionView, now: Date): Look => ({
  view,
  say: speaking(editionTexts, c.var.language),
  language: c.var.language,
  csrf: c.var.session.csrf,
  now,
  at: `/desk/editions/${view.edition.id}`,
});

/** What a slot is called: as readers see it, or by its name. */
export function slotName(slot: Pick<Slot, 'name' | 'title'>, say: Look['say']): string {
  if (slot.title) return slot.title;
  if (slot.name === 'lead' || slot.name === 'top' || slot.name === 'brief') return say(slot.name);
  if (slot.name === 'reserve') return say('candidates');
  if (/^note(-\d+)?$/.test(slot.name)) return say('note');
  return slot.name.charAt(0).toUpperCase() + slot.name.slice(1).replaceAll('-', ' ');
}

/** What has a form sent as a piece of the edition's page, which then shows the edition as it is; nothing, on another page. */
export const asPiece = ({ alone }: Pick<Look, 'alone'>, action: string) =>
  alone
    ? {}
    : {
        'hx-post': action,
        'hx-target': '#edition',
        'hx-swap': 'outerMorph',
        'hx-sync': '#edition-page:queue all',
      };

interface ActFormProps {
  look: Look;
  /** What is done; a button of the form can say it instead, as `act`. */
  act?: string;
  story?: string;
  class?: string;
  id?: string;
  /** Where in the sheet the form stands, so that the sheet is shown afresh. */
  sheet?: string;
  /** What is written in it is sent after a pause, and when it is left. */
  autosave?: string;
  label?: string;
  /** Said when the sheet is closed over what is not saved. */
  'data-closed'?: string;
  children?: Child;
}

/**
 * A form that changes the edition. It says from which version, and the answer is the edition as it is then.
 */
export function ActForm({ look, act, story, sheet, autosave, label, children, ...rest }: ActFormProps) {
  const action = `${look.at}/change`;
  return (
    <form
      method="post"
      action={action}
      {...asPiece(look, action)}
      data-autosave={look.alone ? undefined : autosave}
      aria-label={label}
      {...rest}
    >
      <Csrf token={look.csrf} />
      <input type="hidden" name="base" value={look.view.edition.version} />
      {act ? <input type="hidden" name="act" value={act} /> : null}
      {story ? <input type="hidden" name="story" value={story} /> : null}
      {sheet ? <input type="hidden" name="sheet" value={sheet} /> : null}
      {children}
    </form>
  );
}

/** A link that opens in the sheet over the page; a page of its own without script. */
export function SheetLink({
  href,
  label,
  button,
  children,
  ...rest
}: {
  href: string;
  label?: string;
  button?: string;
  id?: string;
  children: Child;
}) {
  return (
    <a
      class={button}
      href={href}
      hx-get={href}
      hx-target="#sheet-body"
      hx-swap="innerHTML"
      aria-label={label}
      title={label}
      {...rest}
    >
      {children}
    </a>
  );
}
