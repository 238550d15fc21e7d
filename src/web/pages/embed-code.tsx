/** @jsxImportSource hono/jsx */
import { escapeHtml } from '../../rendering/assemble.ts';
import type { List } from '../../subscribers/lists.ts';
import type { Look } from '../look.ts';
import { Page } from '../page.tsx';

/** What to put into another site's page, for whoever looks after it: `/embed/LIST/code`. In English. */
export function EmbedCode({ list, look, publicUrl }: { list: List; look: Look; publicUrl: string }) {
  return (
    <Page title={`The form of ${list.name} on your site`} name={list.name}>
      <h1>The form on your site</h1>
      <p>
        Copy one of these into a page. Neither runs a script or loads anything from elsewhere before it is
        used.
      </p>
      <h2>A form of your own</h2>
      <p>
        It looks as your page does. Whoever sends it presses one more button on our page, as we cannot know
        that they have seen a form that is yours.
      </p>
      <pre>{formSnippet(list, look, publicUrl)}</pre>
      <h2>Our form in a frame</h2>
      <p>It looks as our pages do, and stays within your page.</p>
      <pre>{frameSnippet(list, look, publicUrl)}</pre>
    </Page>
  );
}

/** A form in plain HTML that sends to our page. */
function formSnippet(list: List, { say, language }: Look, publicUrl: string): string {
  const action = `${publicUrl}/subscribe/${list.slug}?lang=${language}`;
  return `<form action="${escapeHtml(action)}" method="post">
  <label>${escapeHtml(say('yourEmail'))}
    <input type="email" name="email" autocomplete="email" required></label>
  <input type="text" name="website" tabindex="-1" autocomplete="off" hidden>
  <button type="submit">${escapeHtml(say('subscribe'))}</button>
</form>`;
}

function frameSnippet(list: List, { say, language }: Look, publicUrl: string): string {
  const address = `${publicUrl}/embed/${list.slug}?lang=${language}`;
  return `<iframe src="${escapeHtml(address)}"
  title="${escapeHtml(say('getByEmail', { list: list.name }))}"
  width="100%" height="${list.topics.length > 0 ? 560 : 440}" style="border:0" loading="lazy"></iframe>`;
}
