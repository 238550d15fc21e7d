import type { WelcomeMailProps } from '../src/rendering/mail.ts';
import { Action, Letter, Paragraph, PlainLink, Small } from './parts/letter.tsx';
import { letterText } from './parts/letter-text.ts';

/** The first mail after a confirmation: what comes, when, and how to change it. */
export default function Welcome({
  listName,
  listDescription,
  senderName,
  schedule,
  latestUrl,
  preferencesUrl,
  unsubscribeUrl,
}: WelcomeMailProps) {
  return (
    <Letter
      title={`Welcome to ${listName}`}
      preheader={
        schedule
          ? `It comes ${schedule}. You can change what you get at any time.`
          : 'You can change what you get at any time.'
      }
      from={listName}
      motto={listDescription}
      heading="You are on the list"
      sender={senderName}
      small={
        <>
          <Small>You can leave with one click, whenever you like:</Small>
          <PlainLink href={unsubscribeUrl} />
        </>
      }
    >
      <Paragraph>
        Thank you for confirming. {listName} will come to this address
        {schedule ? ` ${schedule}` : ' with the next edition'}.
      </Paragraph>
      {latestUrl ? (
        <>
          <Paragraph>You need not wait: the latest edition is here to read.</Paragraph>
          <Action href={latestUrl} label="Read the latest edition" />
        </>
      ) : null}
      <Small>Topics, how often, and which lists: choose what you get on this page.</Small>
      <PlainLink href={preferencesUrl} />
    </Letter>
  );
}

/** The same, written for text. */
Welcome.PlainText = ({
  listName,
  senderName,
  schedule,
  latestUrl,
  preferencesUrl,
  unsubscribeUrl,
}: WelcomeMailProps) =>
  letterText({
    from: listName,
    heading: 'You are on the list',
    body: [
      `Thank you for confirming. ${listName} will come to this address ${schedule || 'with the next edition'}.`,
      latestUrl && `The latest edition is here to read:\n${latestUrl}`,
      `Topics, how often, and which lists: choose what you get on this page.\n${preferencesUrl}`,
    ],
    small: [`You can leave with one click, whenever you like:\n${unsubscribeUrl}`],
    sender: senderName,
  });

Welcome.PreviewProps = {
  listName: 'The Harbour Letter',
  listDescription: 'What happened on the coast this week, told in ten minutes.',
  senderName: 'The Harbour Letter',
  schedule: 'every weekday at seven in the morning',
  latestUrl: 'https://news.example.com/view/latest',
  preferencesUrl: 'https://news.example.com/preferences/12-8c1f0b2e6a4d9375',
  unsubscribeUrl: 'https://news.example.com/unsubscribe/12-8c1f0b2e6a4d9375',
} satisfies WelcomeMailProps;
