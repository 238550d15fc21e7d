import type { AlertMailProps } from '../src/rendering/mail.ts';
import { Action, Facts, Letter, Paragraph, PlainLink, Small } from './parts/letter.tsx';
import { letterText } from './parts/letter-text.ts';

/** Tells an admin what needs a person: what happened, where, and what to do. */
export default function Alert({ siteName, title, what, facts, todo, url }: AlertMailProps) {
  return (
    <Letter
      title={title}
      preheader={what}
      from={siteName}
      heading={title}
      sender={siteName}
      small={<Small>You get this because you look after {siteName}.</Small>}
    >
      <Paragraph>{what}</Paragraph>
      <Facts facts={facts} />
      <Paragraph>{todo}</Paragraph>
      {url ? (
        <>
          <Action href={url} label="Look at it" />
          <PlainLink href={url} />
        </>
      ) : null}
    </Letter>
  );
}

/** The same, written for text. */
Alert.PlainText = ({ siteName, title, what, facts, todo, url }: AlertMailProps) =>
  letterText({
    from: siteName,
    heading: title,
    body: [what, facts.map(({ name, value }) => `${name}: ${value}`).join('\n'), todo, url],
    small: [`You get this because you look after ${siteName}.`],
    sender: siteName,
  });

Alert.PreviewProps = {
  siteName: 'The Harbour Desk',
  title: 'The edition of 24 November is paused',
  what: 'The mail server refused every message for ten minutes, so sending has stopped. 1,204 of 8,310 readers have it.',
  facts: [
    { name: 'Newsletter', value: 'The Harbour Letter' },
    { name: 'Server', value: 'smtp.example.com:587' },
    { name: 'Its words', value: '535 5.7.8 Authentication credentials invalid' },
  ],
  todo: 'Check the name and password in BROADSHEET_SMTP_URL, then resume the edition. Nobody will get it twice.',
  url: 'https://news.example.com/desk/editions/7',
} satisfies AlertMailProps;
