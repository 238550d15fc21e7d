import { type Command, Option } from 'commander';
import type { Tracking } from '../editions/tracking.ts';
import { commaSeparated } from './values.ts';

/** What "newsletters create" and "edit" take. */
export interface NewsletterOptions {
  name?: string;
  description?: string;
  from?: string;
  fromName?: string;
  replyTo?: string;
  subject?: string;
  language?: string;
  cron?: string;
  timeZone?: string;
  catchUp?: 'latest' | 'skip';
  mode?: 'automatic' | 'approval';
  theme?: string;
  policy?: string;
  policyNote?: string;
  about?: string;
  colour?: string;
  footer?: string;
  brand?: string;
  privacy?: Tracking['privacy'];
  clicks?: 'on' | 'off';
  opens?: 'on' | 'off';
  utm?: string;
  plainLinks?: 'inline' | 'numbered' | 'theme';
  publicArchive?: 'on' | 'off';
  block?: 'errors' | 'nothing';
  checkLinks?: 'on' | 'off';
  ignoreChecks?: string[];
  languages?: string[];
  preheader?: string;
  subjectTest?: string;
  onUncertain?: 'resend' | 'skip';
  deliverAt?: string;
  retryFor?: string;
  stopAt?: string;
  undoFor?: string;
  list?: string[];
  segment?: string;
  source?: string[];
}

/** Adds the options for all that a newsletter is made of. */
export function withFields(command: Command): Command {
  return command
    .option('--name <name>', 'name that readers see')
    .option('--description <text>', 'a line below the name')
    .option('--from <address>', 'address that it is sent from')
    .option('--from-name <name>', 'name that it is sent from (default: the newsletter’s)')
    .option('--reply-to <address>', 'where answers go; "none": to the sender')
    .option('--subject <pattern>', 'subject, such as "{{ newsletter }}: {{ lead.title }}"')
    .option('--language <tag>', 'language of the frame: en, de, fr, es, pt, it, ar or ja')
    .option('--cron <expression>', 'when it is made: minute hour day month weekday')
    .option('--time-zone <zone>', 'the schedule’s time zone, such as Europe/Berlin')
    .addOption(
      new Option('--catch-up <how>', 'runs missed while the program was down').choices(['latest', 'skip']),
    )
    .addOption(
      new Option('--mode <mode>', 'send at once, or wait for an editor').choices(['automatic', 'approval']),
    )
    .option(
      '--theme <theme>',
      'broadsheet, magazine, briefing, list, or the path of a theme’s folder or file',
    )
    .option('--policy <file>', 'selection policy, a JSON file')
    .option('--policy-note <text>', 'why the policy is changed')
    .option('--about <story>', 'send what is like this story, and what changed since: an id, address or file')
    .option('--colour <hex>', 'brand colour, such as #1f5fbf')
    .addOption(
      new Option(
        '--privacy <mode>',
        'what is known of readers: nothing, how often links were followed, or by whom',
      ).choices(['off', 'aggregate', 'individual']),
    )
    .addOption(new Option('--clicks <on or off>', 'count clicks on stories').choices(['on', 'off']))
    .addOption(
      new Option('--opens <on or off>', 'count openings, by an invisible image').choices(['on', 'off']),
    )
    .option(
      '--utm <campaign>',
      'add utm_ parameters to stories’ addresses: "on", "off", or a campaign’s name',
    )
    .addOption(
      new Option('--public-archive <on or off>', 'let anyone read the editions that were sent').choices([
        'on',
        'off',
      ]),
    )
    .addOption(
      new Option('--plain-links <where>', 'links of the plain text; "theme": as the theme has it').choices([
        'inline',
        'numbered',
        'theme',
      ]),
    )
    .option(
      '--languages <tags>',
      'further languages of the frame, separated by commas: readers get theirs',
      commaSeparated,
    )
    .option('--subject-test <file>', 'try subjects out on some readers first: a JSON file, or "off"')
    .option('--preheader <pattern>', 'line behind the subject, such as "{{ second.title }}"')
    .addOption(
      new Option('--block <what>', 'what the checks keep from being sent unasked').choices([
        'errors',
        'nothing',
      ]),
    )
    .addOption(
      new Option('--check-links <on or off>', 'follow links when an edition is made').choices(['on', 'off']),
    )
    .option('--ignore-checks <ids>', 'checks to leave out, separated by commas, or "none"', commaSeparated)
    .option('--brand <file>', 'logo, colours, fonts, corners, footer and social links: a JSON file')
    .option('--footer <text>', 'postal address and the like, at the foot of each mail')
    .addOption(
      new Option('--on-uncertain <how>', 'a message that may or may not have arrived after a crash').choices([
        'resend',
        'skip',
      ]),
    )
    .option('--deliver-at <time>', 'at this time of each reader’s own day, such as 07:00; "off": at once')
    .option('--retry-for <time>', 'how long what a mailbox puts off is tried again, such as 12h')
    .option(
      '--undo-for <time>',
      'how long an approval at the desk can be taken back before anything leaves, such as 10s or 2m; 0s: not at all',
    )
    .option(
      '--stop-at <rates>',
      'sending pauses by itself from here on, as in bounces=5%,complaints=0.3%,after=500',
    )
    .option('--list <lists...>', 'lists that get it')
    .option(
      '--segment <segment>',
      'only these of their subscribers: a saved segment, or "none" for everybody',
    )
    .option('--source <sources...>', 'ids or URLs of sources it draws on, or "all" (default: all)');
}
