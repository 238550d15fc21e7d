/** What webhooks can be told of, and what each means. */
export const eventKinds = {
  'subscriber.subscribed':
    'someone asked for a list, or was added or imported; "state" says whether they are on it',
  'subscriber.confirmed':
    'someone confirmed a list, signed up to one that asks for no confirmation, or came back',
  'subscriber.unsubscribed': 'someone left a list, or (list is null) all there are and will be',
  'subscriber.bounced': 'a message to someone was refused or came back',
  'subscriber.complained': 'someone reported a message as spam',
  'subscriber.erased': 'someone was erased; "emailHash" is all that is left, for you to do the same',
  'edition.sent': 'an edition has been sent to all who were to get it',
} as const;
export type EventKind = keyof typeof eventKinds;
export const kinds = Object.keys(eventKinds) as [EventKind, ...EventKind[]];
