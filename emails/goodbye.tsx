import type { GoodbyeMailProps } from '../src/rendering/mail.ts';
import { ActionWithAddress, Letter, Paragraph, Small } from './parts/letter.tsx';
import { letterText } from './parts/letter-text.ts';

/** Says that an unsubscription is done, and how to undo one that was a slip. */
export default function Goodbye({ listName, senderName, subscribeUrl }: GoodbyeMailProps) {
  return (
    <Letter
      title={`You have left ${listName}`}
      preheader="Nothing more will come. If that was a slip, one click brings you back."
      from={listName}
      heading="You are off the list"
      sender={senderName}
      small={<Small>This is the last mail of this list to this address.</Small>}
    >
      <Paragraph>
        {listName} will not come to this address any more. An edition that was on its way may still arrive
        within the hour. Thank you for having read it.
      </Paragraph>
      <Paragraph>If that was a slip, come back with one click.</Paragraph>
      <ActionWithAddress href={subscribeUrl} label="Subscribe again" />
    </Letter>
  );
}

/** The same, written for text. */
Goodbye.PlainText = ({ listName, senderName, subscribeUrl }: GoodbyeMailProps) =>
  letterText({
    from: listName,
    heading: 'You are off the list',
    body: [
      `${listName} will not come to this address any more. An edition that was on its way may still arrive within the hour. Thank you for having read it.`,
      `If that was a slip, come back with one click:\n${subscribeUrl}`,
    ],
    small: ['This is the last mail of this list to this address.'],
    sender: senderName,
  });

Goodbye.PreviewProps = {
  listName: 'The Harbour Letter',
  senderName: 'The Harbour Letter',
  subscribeUrl: 'https://news.example.com/subscribe/harbour-letter',
} satisfies GoodbyeMailProps;
