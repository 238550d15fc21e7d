import type { StayMailProps } from '../src/rendering/mail.ts';
import { ActionWithAddress, Letter, Paragraph, PlainLink, Small } from './parts/letter.tsx';
import { letterText } from './parts/letter-text.ts';

/** Asks someone who has done nothing for long whether they want to stay, and says what happens if they do not answer. */
export default function Stay({
  language,
  direction,
  listName,
  listDescription,
  senderName,
  stayUrl,
  unsubscribeUrl,
  otherwise,
  texts,
}: StayMailProps) {
  return (
    <Letter
      language={language}
      direction={direction}
      title={texts.subject}
      preheader={texts.preheader}
      from={listName}
      motto={listDescription}
      heading={texts.title}
      sender={senderName}
      small={
        <>
          <Small>{texts.leave}</Small>
          <PlainLink href={unsubscribeUrl} />
        </>
      }
    >
      <Paragraph>{texts.body}</Paragraph>
      <ActionWithAddress href={stayUrl} label={texts.button} otherwise={otherwise} />
      <Paragraph>{texts.days}</Paragraph>
    </Letter>
  );
}

/** The same, written for text. */
Stay.PlainText = ({ listName, senderName, stayUrl, unsubscribeUrl, texts }: StayMailProps) =>
  letterText({
    from: listName,
    heading: texts.title,
    body: [texts.body, `${texts.button}:\n${stayUrl}`, texts.days],
    small: [`${texts.leave}\n${unsubscribeUrl}`],
    sender: senderName,
  });

Stay.PreviewProps = {
  language: 'en',
  direction: 'ltr',
  listName: 'The Harbour Letter',
  listDescription: 'What happened on the coast this week, told in ten minutes.',
  senderName: 'The Harbour Letter',
  stayUrl: 'https://news.example.com/stay/12-3-1798761600-8c1f0b2e6a4d9375',
  unsubscribeUrl: 'https://news.example.com/unsubscribe/12-8c1f0b2e6a4d9375',
  otherwise: 'If the button does not work, open this address in your browser:',
  texts: {
    subject: 'Do you still want The Harbour Letter?',
    preheader: 'One click, and it keeps coming. If you do nothing, it stops.',
    title: 'Do you still want The Harbour Letter?',
    body: 'For a long time we have not seen you open or follow anything in The Harbour Letter, and we would rather not fill your mailbox with what you do not read. If you like it, please say so.',
    button: 'Keep sending it',
    days: 'If we hear nothing within 14 days, this address comes off the list. You need not do anything for that.',
    leave: 'To leave at once, open this address:',
    ask: 'One press of the button, and The Harbour Letter keeps coming to you.',
    kept: 'Thank you. The Harbour Letter keeps coming to you.',
  },
} satisfies StayMailProps;
