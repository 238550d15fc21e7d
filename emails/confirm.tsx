import type { ConfirmMailProps } from '../src/rendering/mail.ts';
import { Action, Letter, Paragraph, PlainLink, Small } from './parts/letter.tsx';
import { letterText } from './parts/letter-text.ts';

/** Asks someone whether they really want a list: one question, one button, and the link in plain sight. */
export default function Confirm({
  language,
  direction,
  listName,
  listDescription,
  senderName,
  confirmUrl,
  texts,
}: ConfirmMailProps) {
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
        <Small>
          {texts.days} {texts.unasked}
        </Small>
      }
    >
      <Paragraph>{texts.body}</Paragraph>
      <Action href={confirmUrl} label={texts.button} />
      <Small>{texts.otherwise}</Small>
      <PlainLink href={confirmUrl} />
    </Letter>
  );
}

/** The same, written for text. */
Confirm.PlainText = ({ listName, senderName, confirmUrl, texts }: ConfirmMailProps) =>
  letterText({
    from: listName,
    heading: texts.title,
    body: [texts.body, confirmUrl],
    small: [`${texts.days} ${texts.unasked}`],
    sender: senderName,
  });

Confirm.PreviewProps = {
  language: 'en',
  direction: 'ltr',
  listName: 'The Harbour Letter',
  listDescription: 'What happened on the coast this week, told in ten minutes.',
  senderName: 'The Harbour Letter',
  confirmUrl: 'https://news.example.com/confirm/12-3-1795766400-8c1f0b2e6a4d9375c0aa41e2b7d803',
  texts: {
    subject: 'Please confirm your subscription to The Harbour Letter',
    preheader: 'One click, and The Harbour Letter is yours. If you did not ask for it, do nothing.',
    title: 'One click to confirm',
    body: 'Someone, we hope you, asked for The Harbour Letter to be sent to this address. Please confirm that you want it, and it will come with the next edition.',
    button: 'Confirm my subscription',
    otherwise: 'If the button does not work, open this address in your browser:',
    days: 'The link works for 7 days.',
    unasked:
      'If you did not ask for this, do nothing: you will get no newsletter, and this address stays off the list.',
  },
} satisfies ConfirmMailProps;
