import type { Texts } from './texts.ts';

export const english = {
  words: {
    readMore: 'Read the story',
    more: 'More stories',
    inBrief: 'In brief',
    coverage: 'More coverage',
    background: 'Background',
    similar: 'Related',
    unsubscribe: 'Unsubscribe',
    preferences: 'Choose what you get',
    view: 'View in browser',
    share: 'Forward to a friend',
    developing: 'Developing',
  },
  sections: {
    lead: 'Top story',
    top: 'More stories',
    brief: 'In brief',
    note: 'From the editor',
  },
  greeting: 'Hello,',
  greetingByName: 'Hello {name},',
  why: 'You get this because {email} is subscribed to {newsletter}.',
  coverage: {
    one: 'Reported by {count} publisher',
    other: 'Reported by {count} publishers',
  },
  confirm: {
    subject: 'Please confirm your subscription to {list}',
    preheader: 'One click, and {list} is yours. If you did not ask for it, do nothing.',
    title: 'One click to confirm',
    body: 'Someone, we hope you, asked for {list} to be sent to this address. Please confirm that you want it, and it will come with the next edition.',
    button: 'Confirm my subscription',
    otherwise: 'If the button does not work, open this address in your browser:',
    days: {
      one: 'The link works for {count} day.',
      other: 'The link works for {count} days.',
    },
    unasked:
      'If you did not ask for this, do nothing: you will get no newsletter, and this address stays off the list.',
  },
  welcome: {
    subject: 'Welcome to {list}',
    preheader: 'It comes with the next edition. You can change what you get at any time.',
    title: 'You are on the list',
    body: 'Thank you for confirming. {list} will come to this address with the next edition.',
    latest: 'You need not wait: the latest edition is here to read.',
    button: 'Read the latest edition',
    choose: 'Topics, how often, and which lists: choose what you get on this page.',
    leave: 'You can leave with one click, whenever you like:',
  },
  preferences: {
    subject: 'Your link to choose what you get',
    preheader: 'The link is only for you.',
    title: 'Choose what you get',
    body: 'You asked for the page with your lists, topics and times. It is behind this button.',
    button: 'Open my preferences',
    unasked:
      'If you did not ask for it, do nothing: nothing is changed. Do not pass it on, as whoever has it can change your subscriptions.',
  },
  data: {
    subject: 'Your link to your data',
    preheader: 'The link is only for you, and works for a day.',
    title: 'Your data',
    body: 'You asked for the page on which you can get a copy of everything that we keep about you, or have it erased. It is behind this button, for a day.',
    button: 'Open my data',
    unasked:
      'If you did not ask for it, do nothing: nothing is changed. Do not pass it on, as whoever has it can read your data and erase it.',
  },
  goodbye: {
    subject: 'You have left {list}',
    preheader: 'Nothing more will come. If that was a slip, you can come back.',
    title: 'You are off the list',
    body: '{list} will not come to this address any more. An edition that was on its way may still arrive within the hour. Thank you for having read it.',
    back: 'If that was a slip, you are welcome back.',
    button: 'Subscribe again',
    last: 'This is the last mail of this list to this address.',
  },
  stay: {
    subject: 'Do you still want {list}?',
    preheader: 'One click, and it keeps coming. If you do nothing, it stops.',
    title: 'Do you still want {list}?',
    body: 'For a long time we have not seen you open or follow anything in {list}, and we would rather not fill your mailbox with what you do not read. If you like it, please say so.',
    button: 'Keep sending it',
    days: {
      one: 'If we hear nothing within {count} day, this address comes off the list. You need not do anything for that.',
      other:
        'If we hear nothing within {count} days, this address comes off the list. You need not do anything for that.',
    },
    leave: 'To leave at once, open this address:',
    ask: 'One press of the button, and {list} keeps coming to you.',
    kept: 'Thank you. {list} keeps coming to you.',
  },
} satisfies Texts;
