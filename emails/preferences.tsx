import type { PreferencesMailProps } from '../src/rendering/mail.ts';
import { ActionWithAddress, Letter, Paragraph, Small } from './parts/letter.tsx';
import { letterText } from './parts/letter-text.ts';

/** The link to the page on which someone chooses what they get, sent to the one who may use it. */
export default function Preferences({ senderName, preferencesUrl, days }: PreferencesMailProps) {
  return (
    <Letter
      title="Your link to choose what you get"
      preheader={`The link works for ${days} ${days === 1 ? 'day' : 'days'}, and only for you.`}
      from={senderName}
      heading="Choose what you get"
      sender={senderName}
      small={
        <Small>
          The link works for {days} {days === 1 ? 'day' : 'days'}. If you did not ask for it, do nothing:
          nothing is changed. Do not pass it on, as whoever has it can change your subscriptions.
        </Small>
      }
    >
      <Paragraph>
        You asked for the page with your lists, topics and times. It is behind this button.
      </Paragraph>
      <ActionWithAddress href={preferencesUrl} label="Open my preferences" />
    </Letter>
  );
}

/** The same, written for text. */
Preferences.PlainText = ({ senderName, preferencesUrl, days }: PreferencesMailProps) =>
  letterText({
    from: senderName,
    heading: 'Choose what you get',
    body: ['You asked for the page with your lists, topics and times. Here it is:', preferencesUrl],
    small: [
      `The link works for ${days} ${days === 1 ? 'day' : 'days'}. If you did not ask for it, do nothing: nothing is changed. Do not pass it on, as whoever has it can change your subscriptions.`,
    ],
    sender: senderName,
  });

Preferences.PreviewProps = {
  senderName: 'The Harbour Letter',
  preferencesUrl: 'https://news.example.com/preferences/12-1795766400-8c1f0b2e6a4d9375',
  days: 2,
} satisfies PreferencesMailProps;
