/** @jsxImportSource hono/jsx */
import { mostTestAddresses } from '../../../delivery/test-mail.ts';
import { Area, Button, Csrf, Input } from '../design/components.tsx';
import { Press } from './panel.tsx';
import type { PartProps } from './part.ts';

/** A test to oneself or to the seed list, and the time to take an approval back. */
export function Tests({ c, sheet, say, seeds }: PartProps & { seeds: string | undefined }) {
  const { session } = c.var;
  const { edition, newsletter } = sheet;
  const at = `/desk/editions/${edition.id}`;
  return (
    <div class="stack">
      <p class="quiet small">{say('testHint')}</p>
      <div class="stack tight">
        <Press session={session} action={`${at}/test`} fields={{ to: 'me' }} stays>
          <Button>{say('testMe')}</Button>
        </Press>
        <p class="quiet small cut">{say('testMeTo', { email: session.user.email })}</p>
      </div>
      {sheet.seeds.length > 0 ? (
        <div class="stack tight">
          <Press session={session} action={`${at}/test`} fields={{ to: 'seeds' }} stays>
            <Button>{say('testSeeds')}</Button>
          </Press>
          <p class="quiet small">{say('testSeedsCount', { count: sheet.seeds.length })}</p>
        </div>
      ) : null}
      <details class="fold" open={seeds !== undefined}>
        <summary>{say('seeds')}</summary>
        <form class="stack tight" method="post" action={`${at}/seeds`}>
          <Csrf token={session.csrf} />
          <Area
            id="seeds"
            label={say('seeds')}
            hint={say('seedsHint', { most: mostTestAddresses })}
            value={seeds ?? sheet.seeds.join('\n')}
            rows={4}
            spellcheck={false}
          />
          <div class="row">
            <Button little>{say('saveSeeds')}</Button>
          </div>
        </form>
      </details>
      {sheet.mayAdminister ? (
        <details class="fold">
          <summary>{say('undoTitle')}</summary>{' '}
          <form class="row undo-time" method="post" action={`${at}/undo-time`}>
            <Csrf token={session.csrf} />
            <Input
              id="seconds"
              type="number"
              label={say('undoTime')}
              hint={say('undoHint')}
              value={newsletter.undoSeconds}
              min={0}
              max={3600}
            />
            <Button little>{say('saveUndo')}</Button>
          </form>
        </details>
      ) : null}
    </div>
  );
}
