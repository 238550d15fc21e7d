import type { DataMailProps } from '../src/rendering/mail.ts';
import { LinkLetter, linkLetterText } from './parts/link-letter.tsx';

/** The link to a copy of everything that is kept about someone, sent to the one whom it is about. */
export default function Data({ dataUrl, ...props }: DataMailProps) {
  return <LinkLetter {...props} url={dataUrl} />;
}

/** The same, written for text. */
Data.PlainText = ({ dataUrl, ...props }: DataMailProps) => linkLetterText({ ...props, url: dataUrl });

Data.PreviewProps = {
  language: 'en',
  direction: 'ltr',
  senderName: 'The Harbour Letter',
  dataUrl: 'https://news.example.com/data/12-1795795200-8c1f0b2e6a4d9375',
  otherwise: 'If the button does not work, open this address in your browser:',
  texts: {
    subject: 'Your link to your data',
    preheader: 'The link is only for you, and works for a day.',
    title: 'Your data',
    body: 'You asked for the page on which you can get a copy of everything that we keep about you, or have it erased. It is behind this button, for a day.',
    button: 'Open my data',
    unasked:
      'If you did not ask for it, do nothing: nothing is changed. Do not pass it on, as whoever has it can read your data and erase it.',
  },
} satisfies DataMailProps;
