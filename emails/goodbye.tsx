import type { GoodbyeMailProps } from '../src/rendering/mail.ts';
import { ActionWithAddress, Letter, Paragraph, Small } from './parts/letter.tsx';
import { letterText } from './parts/letter-text.ts';

/** Says that an unsubscription is done, and how to come back after one that was a slip. */
export default function Goodbye({
  language,
  direction,
  listName,
  senderName,
  subscribeUrl,
  otherwise,
  texts,
}: GoodbyeMailProps) {
  return (
    <Letter
      language={language}
      direction={direction}
      title={texts.subject}
      preheader={texts.preheader}
      from={listName}
      heading={texts.title}
      sender={senderName}
      small={<Small>{texts.last}</Small>}
    >
      <Paragraph>{texts.body}</Paragraph>
      <Paragraph>{texts.back}</Paragraph>
      <ActionWithAddress href={subscribeUrl} label={texts.button} otherwise={otherwise} />
    </Letter>
  );
}

/** The same, written for text. */
Goodbye.PlainText = ({ listName, senderName, subscribeUrl, texts }: GoodbyeMailProps) =>
  letterText({
    from: listName,
    heading: texts.title,
    body: [texts.body, `${texts.back}\n${subscribeUrl}`],
    small: [texts.last],
    sender: senderName,
  });

Goodbye.PreviewProps = {
  language: 'en',
  direction: 'ltr',
  listName: 'The Harbour Letter',
  senderName: 'The Harbour Letter',
  subscribeUrl: 'https://news.example.com/subscribe/harbour-letter',
  otherwise: 'If the button does not work, open this address in your browser:',
  texts: {
    subject: 'You have left The Harbour Letter',
    preheader: 'Nothing more will come. If that was a slip, you can come back.',
    title: 'You are off the list',
    body: 'The Harbour Letter will not come to this address any more. An edition that was on its way may still arrive within the hour. Thank you for having read it.',
    back: 'If that was a slip, you are welcome back.',
    button: 'Subscribe again',
    last: 'This is the last mail of this list to this address.',
  },
} satisfies GoodbyeMailProps;
