import type { LoginMailProps } from '../src/rendering/mail.ts';
import { ActionWithAddress, Letter, Paragraph, Small } from './parts/letter.tsx';
import { letterText } from './parts/letter-text.ts';

/** The link with which an editor or admin logs in. */
export default function Login({ siteName, loginUrl, minutes, place }: LoginMailProps) {
  return (
    <Letter
      title={`Log in to ${siteName}`}
      preheader={`The link works once, for ${minutes} minutes.`}
      from={siteName}
      heading="Log in"
      sender={siteName}
      small={
        <Small>
          The link works once, for {minutes} minutes. If you did not ask for it, somebody typed your address:
          do nothing, and nobody gets in.
        </Small>
      }
    >
      <Paragraph>Here is the link to log in{place ? `, asked for from ${place}` : ''}.</Paragraph>
      <ActionWithAddress href={loginUrl} label={`Log in to ${siteName}`} />
    </Letter>
  );
}

/** The same, written for text. */
Login.PlainText = ({ siteName, loginUrl, minutes, place }: LoginMailProps) =>
  letterText({
    from: siteName,
    heading: 'Log in',
    body: [`Here is the link to log in${place ? `, asked for from ${place}` : ''}:`, loginUrl],
    small: [
      `The link works once, for ${minutes} minutes. If you did not ask for it, somebody typed your address: do nothing, and nobody gets in.`,
    ],
    sender: siteName,
  });

Login.PreviewProps = {
  siteName: 'The Harbour Desk',
  loginUrl: 'https://news.example.com/login/3-1795766400-8c1f0b2e6a4d9375c0aa41e2b7d803',
  minutes: 15,
  place: 'Firefox on Linux',
} satisfies LoginMailProps;
