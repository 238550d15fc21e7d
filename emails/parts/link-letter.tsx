import type { DataMailProps, PreferencesMailProps } from '../../src/rendering/mail.ts';
import { ActionWithAddress, Letter, Paragraph, Small } from './letter.tsx';
import { letterText } from './letter-text.ts';

type LinkLetterProps = Omit<DataMailProps, 'dataUrl'> | Omit<PreferencesMailProps, 'preferencesUrl'>;

/** Brings one link to the person whom it is about. */
export function LinkLetter({
  language,
  direction,
  senderName,
  otherwise,
  texts,
  url,
}: LinkLetterProps & { url: string }) {
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
      <ActionWithAddress href={url} label={texts.button} otherwise={otherwise} />
    </Letter>
  );
}

/** The same, written for text. */
export const linkLetterText = ({ senderName, texts, url }: LinkLetterProps & { url: string }) =>
  letterText({
    from: senderName,
    heading: texts.title,
    body: [`${texts.button}:\n${url}`],
    small: [texts.unasked],
    sender: senderName,
  });
