import type { PreferencesMailProps } from '../src/rendering/mail.ts';
import { LinkLetter, linkLetterText } from './parts/link-letter.tsx';

/** The link to the page on which someone chooses what they get, sent to the one who may use it. */
export default function Preferences({ preferencesUrl, ...props }: PreferencesMailProps) {
  return <LinkLetter {...props} url={preferencesUrl} />;
}

/** The same, written for text. */
Preferences.PlainText = ({ preferencesUrl, ...props }: PreferencesMailProps) =>
  linkLetterText({ ...props, url: preferencesUrl });

Preferences.PreviewProps = {
  language: 'en',
  direction: 'ltr',
  senderName: 'The Harbour Letter',
  preferencesUrl: 'https://news.example.com/preferences/12-0-8c1f0b2e6a4d9375',
  otherwise: 'If the button does not work, open this address in your browser:',
  texts: {
    subject: 'Your link to choose what you get',
    preheader: 'The link is only for you.',
    title: 'Choose what you get',
    body: 'You asked for the page with your lists, topics and times. It is behind this button.',
    button: 'Open my preferences',
    unasked:
      'If you did not ask for it, do nothing: nothing is changed. Do not pass it on, as whoever has it can change your subscriptions.',
  },
} satisfies PreferencesMailProps;
