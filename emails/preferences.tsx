import type { PreferencesMailProps } from '../src/rendering/mail.ts';
import { ActionWithAddress, Letter, Paragraph, Small } from './parts/letter.tsx';
import { letterText } from './parts/letter-text.ts';

/** The link to the page on which someone chooses what they get, sent to the one who may use it. */
export default function Preferences({
  language,
  direction,
  senderName,
  preferencesUrl,
  otherwise,
  texts,
}: PreferencesMailProps) {
  return (
    <Letter
      language={language}
      direction={direction}
      title={texts.subject}
      preheader={texts.preheader}
      from={senderName}
      heading={texts.title}
      sender={senderName}
      small={<Small>{texts.unasked}</Small>}
    >
      <Paragraph>{texts.body}</Paragraph>
      <ActionWithAddress href={preferencesUrl} label={texts.button} otherwise={otherwise} />
    </Letter>
  );
}

/** The same, written for text. */
Preferences.PlainText = ({ senderName, preferencesUrl, texts }: PreferencesMailProps) =>
  letterText({
    from: senderName,
    heading: texts.title,
    body: [`${texts.button}:\n${preferencesUrl}`],
    small: [texts.unasked],
    sender: senderName,
  });

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
