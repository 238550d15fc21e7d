/** @jsxImportSource hono/jsx */
import type { Look } from '../look.ts';
import { EmailField, Message, Page, WithBold } from '../page.tsx';
import type { PageTexts } from '../words/texts.ts';

interface AskProps {
  look: Look;
  /** Where the form goes. */
  action: string;
  title: keyof PageTexts;
  text: keyof PageTexts;
  email?: string;
  error?: string;
}

/** Asks for an address to which a link can be mailed. */
export function AskForLink({ look, action, title, text, email = '', error }: AskProps) {
  const { say } = look;
  return (
    <Page title={say(title)} look={look}>
      <h1>{say(title)}</h1>
      <p>{say(text)}</p>
      <form class="fields" method="post" action={action} novalidate>
        <EmailField look={look} value={email} error={error} />
        <button class="button" type="submit">
          {say('mailLink')}
        </button>
      </form>
    </Page>
  );
}

/** What whoever has asked for a link reads, whether or not the address is known. */
export function LinkIsComing({ look, email }: { look: Look; email: string }) {
  return (
    <Message title={look.say('lookInMail')} look={look}>
      <p>
        <WithBold text={look.say('linkIfKnown', { email })} bold={email} />
      </p>
    </Message>
  );
}
