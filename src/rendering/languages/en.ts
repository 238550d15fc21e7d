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
} satisfies Texts;
