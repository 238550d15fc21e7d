import { createRoute, z } from '@hono/zod-openapi';
import { UserError } from '../../errors.ts';
import { findSubscriber, type Subscription, subscriptionsOf } from '../../subscribers/find.ts';
import { findList } from '../../subscribers/lists.ts';
import { frequencies } from '../../subscribers/personal-values.ts';
import { unsubscribe, updatePreferences } from '../../subscribers/subscribe.ts';
import {
  type Api,
  type ApiTools,
  atOrNull,
  givenInstant,
  instant,
  json,
  jsonBody,
  missing,
  needs,
  originOfCaller,
  refused,
} from './describe.ts';

export const subscriberParams = z.object({
  subscriber: z.string().max(320).describe('address or id').openapi({ example: 'ada@example.com' }),
});
const params = subscriberParams.extend({ list: z.string().max(80).describe('short name or id') });

export const subscriptionSchema = z
  .object({
    list: z.string().describe('its short name'),
    state: z.enum(['pending', 'confirmed', 'unsubscribed']),
    frequency: z.string().describe('every, daily, weekly or monthly'),
    topics: z.array(z.string()).describe('stories of these come first'),
    mutedTopics: z.array(z.string()),
    mutedSources: z.array(z.string()).describe('publishers whose stories are left out'),
    pausedUntil: instant.nullable(),
    confirmedAt: instant.nullable(),
    unsubscribedAt: instant.nullable(),
  })
  .openapi('Subscription');

const all = createRoute({
  method: 'get',
  path: '/subscribers/{subscriber}/subscriptions',
  tags: ['Subscribers'],
  summary: 'Someone’s subscriptions',
  ...needs('subscribers:read'),
  request: { params: subscriberParams },
  responses: {
    200: json(z.object({ data: z.array(subscriptionSchema) }), 'All of them, those that were left too.'),
    ...refused,
    ...missing,
  },
});

const change = createRoute({
  method: 'patch',
  path: '/subscribers/{subscriber}/subscriptions/{list}',
  tags: ['Subscribers'],
  summary: 'Change what someone wants of a list',
  description: 'What is not given stays.',
  ...needs('subscribers:write'),
  request: {
    params,
    body: jsonBody(
      z
        .strictObject({
          frequency: z.enum(frequencies),
          topics: z.array(z.string()).max(50),
          mutedTopics: z.array(z.string()).max(50),
          mutedSources: z.array(z.string()).max(200),
          pausedUntil: givenInstant
            .refine((text) => text >= '1970', 'is before 1970')
            .nullable()
            .describe('no mail before then; null ends the pause'),
        })
        .partial(),
    ),
  },
  responses: { 200: json(subscriptionSchema, 'The subscription as it is now.'), ...refused, ...missing },
});

const leave = createRoute({
  method: 'delete',
  path: '/subscribers/{subscriber}/subscriptions/{list}',
  tags: ['Subscribers'],
  summary: 'Unsubscribe someone from a list',
  description:
    'The list is suppressed for the address, so that no import brings them back. A second time changes nothing.',
  ...needs('subscribers:write'),
  request: { params },
  responses: { 204: { description: 'They are not on the list.' }, ...refused, ...missing },
});

const leaveAll = createRoute({
  method: 'delete',
  path: '/subscribers/{subscriber}/subscriptions',
  tags: ['Subscribers'],
  summary: 'Unsubscribe someone from every list there is and will be',
  ...needs('subscribers:write'),
  request: { params: subscriberParams },
  responses: { 204: { description: 'They are on no list.' }, ...refused, ...missing },
});

/** What people get. */
export function addSubscriptionRoutes(api: Api, { context, letters, background }: ApiTools): void {
  api.openapi(all, async (c) => {
    const id = await findSubscriber(context, c.req.valid('param').subscriber);
    return c.json({ data: (await subscriptionsOf(context, id)).map(shownSubscription) }, 200);
  });
  api.openapi(change, async (c) => {
    const { subscriber, list } = c.req.valid('param');
    const { pausedUntil, ...changes } = c.req.valid('json');
    const id = await findSubscriber(context, subscriber);
    const { id: listId } = await subscriptionTo(id, list);
    const pause = pausedUntil === undefined ? {} : { pausedUntil: pausedUntil && new Date(pausedUntil) };
    await updatePreferences(
      context,
      id,
      { lists: [{ listId, ...changes, ...pause } as { listId: number }] },
      originOfCaller(c.var.caller),
    );
    return c.json(shownSubscription((await subscriptionTo(id, list)).subscription), 200);
  });
  api.openapi(leave, async (c) => {
    const { subscriber, list } = c.req.valid('param');
    const id = await findSubscriber(context, subscriber);
    await leaveLists(id, [(await findList(context, list)).id], c.var.caller.name);
    return c.body(null, 204);
  });
  api.openapi(leaveAll, async (c) => {
    const id = await findSubscriber(context, c.req.valid('param').subscriber);
    await leaveLists(id, 'all', c.var.caller.name);
    return c.body(null, 204);
  });

  async function leaveLists(id: number, lists: number[] | 'all', token: string): Promise<void> {
    const { left } = await unsubscribe(context, id, lists, { via: 'api', evidence: { token } });
    for (const listId of left)
      background.run('a goodbye', () => letters.goodbye({ subscriberId: id, listId }));
  }

  async function subscriptionTo(subscriberId: number, list: string) {
    const { id, slug } = await findList(context, list);
    const subscription = (await subscriptionsOf(context, subscriberId)).find(({ listId }) => listId === id);
    if (!subscription)
      throw new UserError(`They never subscribed to "${slug}".`, {
        code: 'not-found',
        hint: 'Subscribe them with POST /api/subscribers.',
      });
    return { id, subscription };
  }
}

/** A subscription as answers show it. */
export const shownSubscription = (subscription: Subscription): z.infer<typeof subscriptionSchema> => ({
  list: subscription.slug,
  state: subscription.state,
  frequency: subscription.frequency,
  topics: subscription.topics,
  mutedTopics: subscription.mutedTopics,
  mutedSources: subscription.mutedSources,
  pausedUntil: atOrNull(subscription.pausedUntil),
  confirmedAt: atOrNull(subscription.confirmedAt),
  unsubscribedAt: atOrNull(subscription.unsubscribedAt),
});
