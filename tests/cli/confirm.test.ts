import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Output } from '../../src/cli/command.ts';
import { confirmDestructive } from '../../src/cli/confirm.ts';
import { Interrupted } from '../../src/cli/interrupt.ts';
import { UserError } from '../../src/errors.ts';

const what = 'This erases ada@example.com.';
const destruction = { what, effects: ['2 subscriptions'], instead: 'Or unsubscribe her.', plan: { id: 7 } };

function collecting(json = false) {
  const said: string[] = [];
  const results: unknown[] = [];
  const output: Output = {
    json,
    text: (...lines) => void said.push(...lines),
    table: () => {},
    result: (value) => void results.push(value),
  };
  return { output, said, results };
}

/** A terminal, on which somebody presses keys when they are asked. */
function terminal(keys: string) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const shown: string[] = [];
  const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  screen.on('data', (bytes: Buffer) => void shown.push(bytes.toString()));
  void sleep(100).then(() => input.write(keys));
  return {
    asking: {
      input: input as unknown as NodeJS.ReadStream,
      output: screen as unknown as NodeJS.WriteStream,
    },
    shown: () => shown.join(''),
  };
}

test('where nobody can be asked, it is a misuse that says what would go and how to go on', async () => {
  const { output } = collecting();
  const piped = { input: Object.assign(new PassThrough(), { isTTY: false }) as unknown as NodeJS.ReadStream };
  const refusal = await confirmDestructive(output, {}, destruction, piped).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(UserError);
  expect(refusal).toMatchObject({
    code: 'usage',
    message: `${what}\n  - 2 subscriptions`,
    hint: expect.stringMatching(/--yes.*--dry-run.*Or unsubscribe her/),
    details: { id: 7 },
  });
});

test('with --json nobody is asked, even on a terminal', async () => {
  const { asking } = terminal('y\r');
  const { output } = collecting(true);
  await expect(confirmDestructive(output, {}, destruction, asking)).rejects.toMatchObject({ code: 'usage' });
});

test('--yes goes on in silence; --dry-run tells and does not go on, --yes or not', async () => {
  const silent = collecting();
  expect(await confirmDestructive(silent.output, { yes: true }, destruction)).toBe(true);
  expect(silent.said).toEqual([]);
  const dry = collecting();
  expect(await confirmDestructive(dry.output, { dryRun: true, yes: true }, destruction)).toBe(false);
  expect(dry.said).toEqual([what, '  - 2 subscriptions', 'Nothing was done: this was a dry run.']);
  expect(dry.results).toEqual([{ dryRun: true, what, effects: ['2 subscriptions'], id: 7 }]);
});

test('on a terminal a person sees what goes, and yes, no and Ctrl-C do what they say', async () => {
  const yes = terminal('y');
  expect(await confirmDestructive(collecting().output, {}, destruction, yes.asking)).toBe(true);
  expect(yes.shown()).toMatch(/This erases ada@example\.com\.\n {2}- 2 subscriptions\n[\s\S]*Go on\?/);
  const no = terminal('n');
  await expect(confirmDestructive(collecting().output, {}, destruction, no.asking)).rejects.toMatchObject({
    code: 'declined',
    hint: 'Or unsubscribe her.',
  });
  // Who only presses Enter has not agreed.
  const enter = terminal('\r');
  await expect(confirmDestructive(collecting().output, {}, destruction, enter.asking)).rejects.toMatchObject({
    code: 'declined',
  });
  const away = terminal('\u0003');
  await expect(confirmDestructive(collecting().output, {}, destruction, away.asking)).rejects.toBeInstanceOf(
    Interrupted,
  );
});
