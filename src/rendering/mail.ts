import { join } from 'node:path';
import { packageRoot } from '../package-root.ts';
import { renderTemplate } from './template.ts';
import type { LetterName, LetterTexts } from './words.ts';

interface ReaderMailProps<Name extends LetterName> {
  language: string;
  direction: 'ltr' | 'rtl';
  senderName: string;
  texts: LetterTexts<Name>;
}

/** Asks whether someone really wants a list. */
export interface ConfirmMailProps extends ReaderMailProps<'confirm'> {
  listName: string;
  listDescription: string;
  /** Opens a page with a button; following it confirms nothing by itself. */
  confirmUrl: string;
}

/** Comes after a confirmation. */
export interface WelcomeMailProps extends ReaderMailProps<'welcome'> {
  listName: string;
  listDescription: string;
  /** The latest edition; empty if there is none. */
  latestUrl: string;
  preferencesUrl: string;
  unsubscribeUrl: string;
}

/** Brings the link to someone's own preferences. */
export interface PreferencesMailProps extends ReaderMailProps<'preferences'> {
  preferencesUrl: string;
  /** Introduces the address of the link, for when the button does not work. */
  otherwise: string;
}

/** Brings the link to a copy of someone's own data. */
export interface DataMailProps extends ReaderMailProps<'data'> {
  dataUrl: string;
  /** Introduces the address of the link, for when the button does not work. */
  otherwise: string;
}

/** Brings an editor or admin the link to log in. */
export interface LoginMailProps {
  /** One of those that the desk speaks. */
  language: 'en' | 'de';
  siteName: string;
  loginUrl: string;
  /** How long the link works. */
  minutes: number;
  /** From where it was asked for, such as "Firefox on Linux"; empty if that is not known. */
  place: string;
}

/** Says that an unsubscription is done. */
export interface GoodbyeMailProps extends ReaderMailProps<'goodbye'> {
  listName: string;
  /** The page to subscribe again. */
  subscribeUrl: string;
  /** Introduces the address of the link, for when the button does not work. */
  otherwise: string;
}

/** Asks someone who has done nothing for long whether they want to stay on a list. */
export interface StayMailProps extends ReaderMailProps<'stay'> {
  listName: string;
  listDescription: string;
  /** Opens a page with a button; following it keeps nothing by itself. */
  stayUrl: string;
  unsubscribeUrl: string;
  /** Introduces the address of the link, for when the button does not work. */
  otherwise: string;
}

/** Tells an admin what needs a person. */
export interface AlertMailProps {
  siteName: string;
  title: string;
  /** What happened, in a sentence or two. */
  what: string;
  facts: { name: string; value: string }[];
  /** What to do. */
  todo: string;
  /** Where to look at it; empty if there is no such page. */
  url: string;
}

/** The transactional mails: `emails/<name>.tsx`, and what each shows. */
export interface MailProps {
  confirm: ConfirmMailProps;
  welcome: WelcomeMailProps;
  preferences: PreferencesMailProps;
  data: DataMailProps;
  login: LoginMailProps;
  goodbye: GoodbyeMailProps;
  stay: StayMailProps;
  alert: AlertMailProps;
}

/**
 * Renders a transactional mail, a React Email component with a `PlainText` of its own.
 * @throws UserError naming the template and line if it fails
 */
export function renderMail<Name extends keyof MailProps>(
  template: Name,
  props: MailProps[Name],
): Promise<{ html: string; text: string }> {
  return renderTemplate(join(packageRoot, 'emails', `${template}.tsx`), props, { plainText: true });
}
