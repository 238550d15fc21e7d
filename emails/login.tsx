import type { LoginMailProps } from '../src/rendering/mail.ts';
import { ActionWithAddress, Letter, Paragraph, Small } from './parts/letter.tsx';
import { letterText } from './parts/letter-text.ts';

interface Words {
  subject: string;
  preheader: string;
  heading: string;
  here: string;
  small: string;
}

/** The desk speaks these. */
const words = {
  en: ({ siteName, minutes, place }: LoginMailProps): Words => ({
    subject: `Log in to ${siteName}`,
    preheader: `The link works once, for ${minutes} minutes.`,
    heading: 'Log in',
    here: `Here is the link to log in${place ? `, asked for from ${place}` : ''}`,
    small: `The link works once, for ${minutes} minutes. If you did not ask for it, somebody typed your address: do nothing, and nobody gets in.`,
  }),
  de: ({ siteName, minutes, place }: LoginMailProps): Words => ({
    subject: `Anmelden bei ${siteName}`,
    preheader: `Der Link gilt einmal, ${minutes} Minuten lang.`,
    heading: 'Anmelden',
    here: `Hier ist der Link zum Anmelden${place ? `, angefordert von ${place}` : ''}`,
    small: `Der Link gilt einmal, ${minutes} Minuten lang. Wenn Sie ihn nicht angefordert haben, hat jemand Ihre Adresse eingegeben: Tun Sie nichts, dann kommt niemand hinein.`,
  }),
};

/** The link with which an editor or admin logs in. */
export default function Login(props: LoginMailProps) {
  const { siteName, loginUrl, language } = props;
  const { subject, preheader, heading, here, small } = words[language](props);
  return (
    <Letter
      language={language}
      title={subject}
      preheader={preheader}
      from={siteName}
      heading={heading}
      sender={siteName}
      small={<Small>{small}</Small>}
    >
      <Paragraph>{here}.</Paragraph>
      <ActionWithAddress href={loginUrl} label={subject} />
    </Letter>
  );
}

/** The same, written for text. */
Login.PlainText = (props: LoginMailProps) => {
  const { siteName, loginUrl, language } = props;
  const { heading, here, small } = words[language](props);
  return letterText({
    from: siteName,
    heading,
    body: [`${here}:`, loginUrl],
    small: [small],
    sender: siteName,
  });
};

Login.PreviewProps = {
  language: 'en',
  siteName: 'The Harbour Desk',
  loginUrl: 'https://news.example.com/desk/login/link?token=vJ0m3l5cX2xk1S9b7Qe4tYwZ8uRfNhGdPaLoKiMnBsA',
  minutes: 15,
  place: 'Firefox on Linux',
} satisfies LoginMailProps;
