/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { plainLook } from '../look.ts';
import { Message, show } from '../page.tsx';
import { acceptedLanguage } from '../words/words.ts';

/** What is shown beneath `/c` for a link that leads nowhere; those that lead somewhere never come here. */
export function lostLinkPage(): Hono {
  const app = new Hono();
  app.get('/:token/:number{[0-9]{1,6}}', (c) => {
    const look = plainLook(acceptedLanguage(c.req.header('accept-language')) ?? 'en');
    return show(
      c,
      <Message title={look.say('lostLink')} look={look}>
        <p>{look.say('lostLinkText')}</p>
      </Message>,
      404,
    );
  });
  return app;
}
