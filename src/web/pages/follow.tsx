/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { Message, show } from '../page.tsx';

/** What is shown beneath `/c` for a link that leads nowhere; those that lead somewhere never come here. */
export function lostLinkPage(): Hono {
  const app = new Hono();
  app.get('/:token/:number{[0-9]{1,6}}', (c) =>
    show(
      c,
      <Message title="This link leads nowhere any more">
        <p>
          It may have been cut off in the mail, or its edition is no longer kept. The mail’s other links may
          still work.
        </p>
      </Message>,
      404,
    ),
  );
  return app;
}
