import type { DeskLanguage } from '../words/words.ts';

/** What each act of the audit log is called. */
const acts: Record<string, [en: string, de: string]> = {
  'account.edit': ['Changed their account', 'Eigenes Konto geändert'],
  'codes.off': ['Turned codes off', 'Codes ausgeschaltet'],
  'codes.on': ['Turned codes on', 'Codes eingeschaltet'],
  'codes.recovery': ['Made new recovery codes', 'Neue Ersatzcodes erstellt'],
  'edition.approve': ['Approved an edition', 'Ausgabe freigegeben'],
  'edition.build': ['Had an edition built', 'Ausgabe bauen lassen'],
  'edition.cancel': ['Cancelled an edition', 'Ausgabe abgesagt'],
  'edition.change': ['Changed an edition', 'Ausgabe geändert'],
  'edition.hold': ['Held an edition', 'Ausgabe angehalten'],
  'edition.resume': ['Resumed an edition', 'Ausgabe weitergehen lassen'],
  'edition.test': ['Sent a test', 'Probe gesendet'],
  'edition.withdraw': ['Took an approval back', 'Freigabe zurückgenommen'],
  login: ['Logged in', 'Angemeldet'],
  'login.failed': ['Could not log in', 'Anmeldung misslungen'],
  'login.proven': ['Proved who they are', 'Identität nachgewiesen'],
  logout: ['Logged out', 'Abgemeldet'],
  'newsletter.create': ['Made a newsletter', 'Newsletter angelegt'],
  'newsletter.edit': ['Changed a newsletter', 'Newsletter geändert'],
  'newsletter.pause': ['Paused a newsletter', 'Newsletter angehalten'],
  'newsletter.remove': ['Removed a newsletter', 'Newsletter entfernt'],
  'newsletter.resume': ['Resumed a newsletter', 'Newsletter weitergehen lassen'],
  'newsletter.seeds': ['Changed a seed list', 'Seed-Liste geändert'],
  'newsletter.undo-time': ['Changed the time for undoing', 'Rücknahmefrist geändert'],
  'password.remove': ['Removed their password', 'Eigenes Passwort entfernt'],
  'password.set': ['Set their password', 'Eigenes Passwort gesetzt'],
  'policy.change': ['Changed a selection', 'Auswahl geändert'],
  'session.end': ['Ended sessions', 'Sitzungen beendet'],
  'source.add': ['Added a source', 'Quelle hinzugefügt'],
  'source.edit': ['Changed a source', 'Quelle geändert'],
  'source.fetch': ['Fetched a source', 'Quelle abgerufen'],
  'source.pause': ['Paused a source', 'Quelle angehalten'],
  'source.remove': ['Removed a source', 'Quelle entfernt'],
  'source.resume': ['Resumed a source', 'Quelle fortgesetzt'],
  'storyline.merge': ['Put storylines together', 'Themen zusammengelegt'],
  'storyline.split': ['Split a storyline', 'Thema getrennt'],
  'user.create': ['Added a person', 'Person hinzugefügt'],
  'user.disable': ['Shut a person out', 'Person ausgesperrt'],
  'user.drop-codes': ['Took a person’s codes off', 'Codes einer Person entfernt'],
  'user.drop-password': ['Took a person’s password off', 'Passwort einer Person entfernt'],
  'user.edit': ['Changed a person', 'Person geändert'],
  'user.enable': ['Let a person in again', 'Person wieder zugelassen'],
  'user.end-sessions': ['Ended a person’s sessions', 'Sitzungen einer Person beendet'],
  'user.link': ['Made a link to log in', 'Anmeldelink erstellt'],
  'user.remove': ['Removed a person', 'Person entfernt'],
};

/** Groups of acts, by what stands before the dot. */
const groups: Record<string, [en: string, de: string]> = {
  account: ['Accounts', 'Konten'],
  codes: ['Codes', 'Codes'],
  edition: ['Editions', 'Ausgaben'],
  login: ['Logins', 'Anmeldungen'],
  newsletter: ['Newsletters', 'Newsletter'],
  password: ['Passwords', 'Passwörter'],
  policy: ['Selections', 'Auswahl'],
  session: ['Sessions', 'Sitzungen'],
  source: ['Sources', 'Quellen'],
  storyline: ['Storylines', 'Themen'],
  user: ['People', 'Personen'],
};

/** Names of details in German; in English they are the words of their own names. */
const details: Record<string, string> = {
  active: 'aktiv',
  address: 'Adresse',
  addresses: 'Adressen',
  after: 'nachher',
  before: 'vorher',
  brand: 'Aussehen',
  catch_up: 'Ausgefallenes',
  checks: 'Prüfungen',
  cron: 'Zeitplan',
  deliver_at: 'Leserzeit',
  description: 'Beschreibung',
  editions: 'Ausgaben',
  ended: 'beendet',
  fellBack: 'Freigabe verfallen',
  from: 'aus',
  from_address: 'Absenderadresse',
  from_name: 'Absendername',
  interval: 'Abstand',
  intervalSeconds: 'Abstand in Sekunden',
  kind: 'Art',
  language: 'Sprache',
  languages: 'Sprachen',
  lists: 'Listen',
  locale: 'Sprache',
  mails: 'Mails',
  mode: 'Freigabe',
  name: 'Name',
  newsletters: 'Newsletter',
  note: 'Notiz',
  on_uncertain: 'bei Ungewissem',
  preheader: 'Vorschauzeile',
  publisher: 'Medium',
  reason: 'Grund',
  reply_to: 'Antworten an',
  retry_minutes: 'Minuten für neue Versuche',
  role: 'Rolle',
  second: 'zweiter Nachweis',
  seconds: 'Sekunden',
  segment_id: 'Segment',
  sent: 'gesendet',
  session: 'Sitzung',
  sessionsEnded: 'beendete Sitzungen',
  source: 'Quelle',
  sources: 'Quellen',
  starts: 'beginnt',
  stories: 'Meldungen',
  storyline: 'Thema',
  subject: 'Betreff',
  subject_test: 'Betreffprobe',
  theme: 'Gestaltung',
  time_zone: 'Zeitzone',
  to: 'an',
  topics: 'Rubriken',
  tracking: 'Zählung',
  undo_seconds: 'Rücknahmefrist in Sekunden',
  url: 'Adresse',
  version: 'Version',
  way: 'Weg',
  weight: 'Gewicht',
  which: 'welche',
};

/** What is told only where it is so: its contrary is the usual. */
const unusual = ['fellBack'];

const values: Record<string, string> = {
  admin: 'Admin',
  'all others': 'alle anderen',
  automatic: 'geht von selbst',
  approval: 'braucht Freigabe',
  cli: 'Link eines Admins',
  code: 'Code',
  'command line': 'Kommandozeile',
  editor: 'Redaktion',
  false: 'nein',
  link: 'Link per Mail',
  'no such user': 'keine solche Person',
  oidc: 'Anmeldedienst',
  oneself: 'sich selbst',
  password: 'Passwort',
  proof: 'Nachweis',
  recovery: 'Ersatzcode',
  'seed list': 'Seed-Liste',
  true: 'ja',
  viewer: 'Lesen',
};

/** What an act is called; undefined if it has no name but its code. @param act its code, such as `edition.approve` */
export const actSaid = (act: string, language: DeskLanguage): string | undefined =>
  acts[act]?.[language === 'en' ? 0 : 1];

/** What a group of acts is called. @param group what stands before the dot in their codes */
export const groupSaid = (group: string, language: DeskLanguage): string =>
  groups[group]?.[language === 'en' ? 0 : 1] ?? group;

/** An act's details as a person skims them: `version: 4, role: admin → editor`. At most 500 characters. */
export function detailsSaid(given: Record<string, unknown>, language: DeskLanguage): string {
  const name = (key: string) =>
    language === 'de'
      ? (details[key] ?? key)
      : key.replace(/_/g, ' ').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const value = (each: unknown): string => {
    if (each === null || each === undefined || each === '') return '–';
    if (Array.isArray(each)) return each.map(value).join(' ') || '–';
    if (isChange(each)) return `${value(each.before)} → ${value(each.after)}`;
    if (typeof each === 'object') return `(${listed(each as Record<string, unknown>)})`;
    return language === 'de' ? (values[String(each)] ?? String(each)) : String(each);
  };
  const listed = (all: Record<string, unknown>): string =>
    Object.entries(all)
      .filter(([key, each]) => each !== false || !unusual.includes(key))
      .map(([key, each]) => `${name(key)}: ${value(each)}`)
      .join(', ');
  return listed(given).slice(0, 500);
}

const isChange = (value: unknown): value is { before: unknown; after: unknown } =>
  typeof value === 'object' && value !== null && 'before' in value && 'after' in value;
