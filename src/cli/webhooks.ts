import { type Command, Option } from 'commander';
import { eventKinds, kinds } from '../notify/event-kinds.ts';
import type { Webhook } from '../notify/webhooks.ts';
import { wholeNumber, withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { commaSeparated } from './values.ts';

const { listDeliveries, resend } = lazily(() => import('../notify/deliveries.ts'));
const { createWebhook, editWebhook, listWebhooks, pauseWebhook, removeWebhook, findWebhook } = lazily(
  () => import('../notify/webhooks.ts'),
);

const fields = 'id, url, name, events, createdAt, pausedAt, pausedBecause';
const counts = 'waiting, delivered, dead';

/** `broadsheet webhooks`: who is told what happens. */
export function register(group: Command): void {
  group
    .command('create')
    .description('have an address told what happens from now on; the secret is shown once')
    .argument('<url>', 'where to post; https')
    .option(
      '--events <events>',
      'what to tell, separated by commas; everything, if not given',
      commaSeparated,
    )
    .option('--name <name>', 'what it is for')
    .option('--secret <secret>', 'whsec_… of yours; made if not given')
    .addHelpText(
      'after',
      helpText({
        text: `Events:\n${kinds.map((kind) => `  ${kind.padEnd(24)} ${eventKinds[kind]}`).join('\n')}`,
        json: `{ ${fields}, secret }`,
        examples: [
          'webhooks create https://crm.example.com/hooks/broadsheet --events subscriber.confirmed,subscriber.unsubscribed',
          'webhooks create https://crm.example.com/hooks/broadsheet --name CRM',
        ],
      }),
    )
    .action((url: string, options: { events?: string[]; name?: string; secret?: string }, command: Command) =>
      withContext(command, async (context, output) => {
        const webhook = await createWebhook(context, { ...options, url, events: options.events ?? kinds });
        output.text(
          `Made webhook ${webhook.id}: ${webhook.url} is told of ${webhook.events.join(', ')}.`,
          'Its posts are signed with this secret, which is not shown again:',
          '',
          `  ${webhook.secret}`,
        );
        output.result(webhook);
      }),
    );

  group
    .command('list')
    .description('show all webhooks, and how much waits for them')
    .addHelpText('after', helpText({ json: `[{ ${fields}, ${counts} }]`, examples: ['webhooks list'] }))
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        const webhooks = await listWebhooks(context);
        output.table(
          webhooks.map((webhook) => ({
            id: webhook.id,
            name: webhook.name,
            state: webhook.pausedAt ? 'paused' : 'active',
            waiting: webhook.waiting,
            delivered: webhook.delivered,
            dead: webhook.dead,
            url: webhook.url,
          })),
          'There are no webhooks. Make one with: broadsheet webhooks create URL',
        );
        output.result(webhooks);
      }),
    );

  group
    .command('show')
    .description('show one webhook')
    .argument('<webhook>', 'its id or name')
    .addHelpText('after', helpText({ json: `{ ${fields}, ${counts} }`, examples: ['webhooks show 1'] }))
    .action((which: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const webhook = await findWebhook(context, which);
        output.text(
          `Webhook ${webhook.id}${webhook.name ? `, ${webhook.name}` : ''}: ${webhook.url}`,
          `Events: ${webhook.events.join(', ')}`,
          `State: ${webhook.pausedAt ? `paused (${webhook.pausedBecause})` : 'active'}`,
          `Posts: ${webhook.waiting} waiting, ${webhook.delivered} delivered, ${webhook.dead} dead`,
        );
        output.result(webhook);
      }),
    );

  group
    .command('edit')
    .description('change a webhook; what is not named stays, its secret and what waits for it too')
    .argument('<webhook>', 'its id or name')
    .option('--url <url>', 'where to post instead; https')
    .option('--events <events>', 'what to tell instead, separated by commas', commaSeparated)
    .option('--name <name>', 'what it is for')
    .addHelpText(
      'after',
      helpText({
        json: `{ ${fields} }`,
        examples: [
          'webhooks edit CRM --events subscriber.confirmed,edition.sent',
          'webhooks edit 1 --url https://crm.example.com/new-hook --name CRM',
        ],
      }),
    )
    .action((which: string, options: { url?: string; events?: string[]; name?: string }, command: Command) =>
      withContext(command, async (context, output) => {
        const { id } = await findWebhook(context, which);
        const webhook = await editWebhook(context, id, options);
        output.text(`Changed webhook ${id}: ${webhook.url} is told of ${webhook.events.join(', ')}.`);
        output.result(webhook);
      }),
    );

  for (const [verb, description, because, done] of [
    ['pause', 'post nothing more for now; what happens meanwhile waits', 'paused by hand', 'Paused'],
    ['resume', 'post again, what has waited first', null, 'Resumed'],
  ] as const)
    group
      .command(verb)
      .description(description)
      .argument('<webhook>', 'its id or name')
      .addHelpText('after', helpText({ json: `{ ${fields} }`, examples: [`webhooks ${verb} 1`] }))
      .action((which: string, _options, command: Command) =>
        withContext(command, async (context, output) => {
          const webhook: Webhook = await pauseWebhook(
            context,
            (await findWebhook(context, which)).id,
            because,
          );
          output.text(`${done}: webhook ${webhook.id}, ${webhook.url}.`);
          output.result(webhook);
        }),
      );

  destructive(
    group
      .command('remove')
      .description('remove a webhook, and all that waits for it')
      .argument('<webhook>', 'its id or name'),
  )
    .addHelpText('after', helpText({ json: `{ ${fields} }`, examples: ['webhooks remove 1 --yes'] }))
    .action((which: string, options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const webhook = await findWebhook(context, which);
        const goOn = await confirmDestructive(output, options, {
          what: `This removes webhook ${webhook.id}, ${webhook.url}.`,
          effects: [`${webhook.waiting} posts that wait for it`, `${webhook.dead} that were given up`],
          instead: `To stop it for a while: broadsheet webhooks pause ${webhook.id}`,
          plan: { id: webhook.id, waiting: webhook.waiting, dead: webhook.dead },
        });
        if (!goOn) return;
        output.result(await removeWebhook(context, webhook.id));
        output.text(`Removed webhook ${webhook.id}.`);
      }),
    );

  group
    .command('deliveries')
    .description('show what was posted, or is to be, the newest first')
    .argument('[webhook]', 'its id or name; all of them, if not given')
    .addOption(new Option('--state <state>', 'only these').choices(['waiting', 'delivered', 'dead']))
    .option('--limit <n>', 'how many at the most', wholeNumber('--limit', 1), 50)
    .addHelpText(
      'after',
      helpText({
        text: 'What is tried again eight times within eighteen hours and never taken is dead. Posts are kept for 30 days.',
        json: '[{ messageId, webhookId, kind, at, state, attempts, lastAttemptAt, nextAttemptAt, status, detail }]',
        examples: ['webhooks deliveries', 'webhooks deliveries 1 --state dead'],
      }),
    )
    .action((which: string | undefined, options: { state?: string; limit: number }, command: Command) =>
      withContext(command, async (context, output) => {
        const webhookId = which === undefined ? undefined : (await findWebhook(context, which)).id;
        const deliveries = await listDeliveries(context, { webhookId, ...options });
        output.table(
          deliveries.map((each) => ({
            post: each.messageId,
            webhook: each.webhookId,
            event: each.kind,
            at: each.at,
            state: each.state,
            tries: each.attempts,
            'next try': each.nextAttemptAt,
            detail: each.detail,
          })),
          'Nothing has been posted.',
        );
        output.result(deliveries);
      }),
    );

  group
    .command('resend')
    .description('post again what was given up, or one post whatever became of it')
    .argument('<webhook>', 'its id or name')
    .argument('[post]', 'msg_… as "webhooks deliveries" shows it; all that are dead, if not given')
    .addHelpText(
      'after',
      helpText({
        json: '{ resent }',
        examples: ['webhooks resend 1', 'webhooks resend 1 msg_0d9f6c1e-6f0c-4f5e-9d3a-3f1f7f0a2b11'],
      }),
    )
    .action((which: string, messageId: string | undefined, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const { id } = await findWebhook(context, which);
        const resent = await resend(context, { webhookId: id, messageId });
        output.text(
          resent === 0
            ? 'There is nothing to post again.'
            : `${resent === 1 ? 'One post goes' : `${resent} posts go`} out again with the next look of "serve" or "worker".`,
        );
        output.result({ resent });
      }),
    );
}
