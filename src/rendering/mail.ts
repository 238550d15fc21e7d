import { join } from 'node:path';
import { packageRoot } from '../package-root.ts';
import { renderTemplate } from './template.ts';
import type { confirmTexts } from './words.ts';

/** Asks whether someone really wants a list. */
export interface ConfirmMailProps {
  language: string;
  direction: 'ltr' | 'rtl';
  listName: string;
  listDescription: string;
  senderName: string;
  /** Opens a page with a button; following it confirms nothing by itself. */
  confirmUrl: string;
  texts: ReturnType<typeof confirmTexts>;
}

/** Comes after a confirmation. */
export interface WelcomeMailProps {
  listName: string;
  listDescription: string;
  senderName: string;
  /** When it comes, within a sentence: "every weekday at seven"; empty if that is not known. */
  schedule: string;
  /** The latest edition; empty if there is none. */
  latestUrl: string;
  preferencesUrl: string;
  unsubscribeUrl: string;
}

/** Brings the link to someone's own preferences. */
export interface PreferencesMailProps {
  senderName: string;
  preferencesUrl: string;
  /** How many days the link works. */
  days: number;
}

/** Brings an editor or admin the link to log in. */
export interface LoginMailProps {
  siteName: string;
  loginUrl: string;
  /** How long the link works. */
  minutes: number;
  /** From where it was asked for, such as "Firefox on Linux"; empty if that is not known. */
  place: string;
}

/** Says that an unsubscription is done. */
export interface GoodbyeMailProps {
  listName: string;
  senderName: string;
  /** The page to subscribe again. */
  subscribeUrl: string;
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
  login: LoginMailProps;
  goodbye: GoodbyeMailProps;
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
