import type { WelcomeMailProps } from '../src/rendering/mail.ts';
import { Action, Letter, Paragraph, PlainLink, Small } from './parts/letter.tsx';
import { letterText } from './parts/letter-text.ts';

/** The first mail after a confirmation: what comes, and how to change it. */
export default function Welcome({
  language,
  direction,
  listName,
  listDescription,
  senderName,
  latestUrl,
  preferencesUrl,
  unsubscribeUrl,
  texts,
}: WelcomeMailProps) {
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
      {latestUrl ? (
        <>
          <Paragraph>{texts.latest}</Paragraph>
          <Action href={latestUrl} label={texts.button} />
        </>
      ) : null}
      <Small>{texts.choose}</Small>
      <PlainLink href={preferencesUrl} />
    </Letter>
  );
}

/** The same, written for text. */
Welcome.PlainText = ({
  listName,
  senderName,
  latestUrl,
  preferencesUrl,
  unsubscribeUrl,
  texts,
}: WelcomeMailProps) =>
  letterText({
    from: listName,
    heading: texts.title,
    body: [texts.body, latestUrl && `${texts.latest}\n${latestUrl}`, `${texts.choose}\n${preferencesUrl}`],
    small: [`${texts.leave}\n${unsubscribeUrl}`],
    sender: senderName,
  });

Welcome.PreviewProps = {
  language: 'en',
  direction: 'ltr',
  listName: 'The Harbour Letter',
  listDescription: 'What happened on the coast this week, told in ten minutes.',
  senderName: 'The Harbour Letter',
  latestUrl: 'https://news.example.com/view/latest',
  preferencesUrl: 'https://news.example.com/preferences/12-8c1f0b2e6a4d9375',
  unsubscribeUrl: 'https://news.example.com/unsubscribe/12-8c1f0b2e6a4d9375',
  texts: {
    subject: 'Welcome to The Harbour Letter',
    preheader: 'It comes with the next edition. You can change what you get at any time.',
    title: 'You are on the list',
    body: 'Thank you for confirming. The Harbour Letter will come to this address with the next edition.',
    latest: 'You need not wait: the latest edition is here to read.',
    button: 'Read the latest edition',
    choose: 'Topics, how often, and which lists: choose what you get on this page.',
    leave: 'You can leave with one click, whenever you like:',
  },
} satisfies WelcomeMailProps;
