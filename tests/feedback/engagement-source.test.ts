import { expect, test } from 'vitest';
import { sourceOf } from '../../src/feedback/engagement-source.ts';

const get = (userAgent: string | undefined, purpose?: string) =>
  sourceOf({ method: 'GET', userAgent, purpose });

const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  // Browsers, and mail programs that show a page of their own.
  `${windows} Chrome/142.0.0.0 Safari/537.36`,
  `${windows} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`,
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)',
  'Mozilla/5.0 (Linux; Android 10; CUBOT_X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.5.0',
  'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0; .NET4.0C; .NET4.0E; Microsoft Outlook 16.0.5000; ms-office; MSOffice 16)',
  'Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)',
  'Outlook-iOS/709.2226530.prod.iphone (4.2545.0)',
  'SamsungEmail/6.1',
  'K-9 Mail',
  'Evolution/3.56.1',
  // Proxies that load images when the reader opens the message.
  'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
  'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
])('a person: %s', (userAgent) => {
  expect(get(userAgent)).toBe('person');
});

test.each([
  // Apple Mail Privacy Protection.
  'Mozilla/5.0',
  // Gmail, ahead of the reader.
  `${windows} Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0`,
])('loaded ahead: %s', (userAgent) => {
  expect(get(userAgent)).toBe('prefetch');
});

test('what a browser says it loads ahead is no person’s yet', () => {
  const browser = `${windows} Chrome/142.0.0.0 Safari/537.36`;
  expect(get(browser, 'prefetch;prerender')).toBe('prefetch');
  expect(get(browser, 'preview')).toBe('prefetch');
  expect(get(browser, 'navigate')).toBe('person');
});

test.each([
  'BarracudaSentinel (EE)',
  'Mozilla/5.0 (compatible; Mimecast URL Protect)',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Proofpoint/2.1',
  'Mozilla/5.0 (compatible; MSIE 9.0; Symantec WebPulse)',
  'SymantecEmailSecurity',
  `${windows} Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Gmail-content-sampling`,
  'Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'WhatsApp/2.23.20.0',
  'facebookexternalhit/1.1',
  'curl/8.14.1',
  'python-requests/2.32.5',
  'Go-http-client/2.0',
  'node',
  '   ',
  undefined,
])('a program that tests or previews links: %s', (userAgent) => {
  expect(get(userAgent)).toBe('scanner');
});

test('who asks for the head alone looks whether a link works, whatever it calls itself', () => {
  const userAgent = `${windows} Chrome/142.0.0.0 Safari/537.36`;
  expect(sourceOf({ method: 'HEAD', userAgent, purpose: undefined })).toBe('scanner');
});

test('endless and ever new names are judged in no time', () => {
  const started = performance.now();
  for (let number = 0; number < 1_000; number++)
    expect(get(`Mozilla/5.0 ${'x '.repeat(4_000)}${number}`)).toBe('person');
  expect(get(`${' '.repeat(8_000)}`)).toBe('scanner');
  expect(performance.now() - started).toBeLessThan(15_000);
});
