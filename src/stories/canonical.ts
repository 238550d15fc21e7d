import { createHash } from 'node:crypto';

// Parameters that say where a reader came from, not what to show.
const tracking = new Set(
  `fbclid gclid gclsrc dclid gbraid wbraid msclkid twclid ttclid yclid li_fat_id igshid igsh mkt_tok mc_cid mc_eid
   ref ref_src ref_url referrer referer source_ref cmp cmpid cmpgn campaign campaign_id ito itm_source ncid ocid smid
   smtyp sref xtor track tracking wt_mc wt.mc_id soc_src soc_trk mbid rss feed_id feedtype ftag taid guccounter
   guce_referrer guce_referrer_sig sr_share share shared ns_mchannel ns_source ns_campaign ns_linkname ns_fee
   dgcid spm scid srsltid vgo_ee oly_anon_id oly_enc_id _hsenc _hsmi hsctatracking rb_clickid s_cid at_ref
   traffic_source outputtype amp m_source ceid emci emdi sh cid`.split(/\s+/),
);
const trackingPrefix =
  /^(utm_|itm_|mtm_|pk_|piwik_|matomo_|hsa_|at_(medium|campaign|link|custom|bbc|format|ptr)|fb_|ga_|trk|vero_|__)/;

/**
 * What makes two addresses the same article: a key without scheme, host prefixes such as www and m, AMP forms, index
 * pages, tracking parameters, fragment and default port, the rest in one spelling. Keys are compared, never fetched.
 * Never throws: what is no address comes back trimmed. `urlKey(urlKey(x))` is `urlKey(x)`.
 */
export function urlKey(address: string): string {
  let key = keyOnce(address);
  // Taking one thing away may bring up another (/amp/index.html); it ends, as a key only gets shorter or stays.
  for (let round = 0; round < 10; round++) {
    const next = keyOnce(key);
    if (next === key) break;
    key = next;
  }
  // Postgres cannot index a text of more than some 2,700 bytes.
  return key.length <= 2_000 ? key : `long:${createHash('sha256').update(key).digest('hex')}`;
}

function keyOnce(address: string): string {
  const trimmed = address.trim().toWellFormed();
  const text = /^https?:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  if (!URL.canParse(text)) return trimmed;
  let url = new URL(text);
  const inner = innerOfAmpCache(url);
  if (inner) url = inner;
  let host = url.hostname.replace(/\.$/, '');
  const prefix = /^(www\d*|m|mobile|amp)\.(?=[^.]+\.)/;
  while (prefix.test(host)) host = host.replace(prefix, '');
  const port = url.port && url.port !== '80' && url.port !== '443' ? `:${url.port}` : '';
  return `${host}${port}${pathOf(url)}${queryOf(url)}`;
}

// https://www-example-com.cdn.ampproject.org/c/s/www.example.com/story and https://www.google.com/amp/s/…
function innerOfAmpCache(url: URL): URL | undefined {
  const path = /(^|\.)cdn\.ampproject\.org$/.test(url.hostname)
    ? /^\/[civ]\/(?:s\/)?(.+)$/.exec(url.pathname)
    : /^(www\.)?google\.[a-z.]+$/.test(url.hostname)
      ? /^\/amp\/(?:s\/)?(.+\..+)$/.exec(url.pathname)
      : null;
  const inner = path?.[1] && `https://${path[1]}${url.search}`;
  return inner && URL.canParse(inner) ? new URL(inner) : undefined;
}

function pathOf(url: URL): string {
  const segments = url.pathname.split('/').filter(Boolean).map(inOneSpelling);
  if (segments[0]?.toLowerCase() === 'amp') segments.shift();
  if (segments.at(-1)?.toLowerCase() === 'amp') segments.pop();
  if (/^(index|default)\.(html?|php|aspx?|jsp|cfm)$/i.test(segments.at(-1) ?? '')) segments.pop();
  const last = segments.pop()?.replace(/\.amp(\.html?)?$/i, '$1');
  if (last) segments.push(last);
  return segments.length > 0 ? `/${segments.join('/')}` : '';
}

function queryOf(url: URL): string {
  const kept = [...url.searchParams].filter(([name, value]) => {
    const lower = name.toLowerCase();
    // Blogger's mobile pages.
    if (lower === 'm' && value === '1') return false;
    if (lower === 'output' && value === 'amp') return false;
    return name !== '' && !tracking.has(lower) && !trackingPrefix.test(lower);
  });
  if (kept.length === 0) return '';
  return `?${kept
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join('&')}`;
}

// Of "%7Euser", "~user" and "%7euser" one; what is no valid encoding stays, its digits in upper case.
function inOneSpelling(segment: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(segment);
  } catch {
    return segment.replace(/%[\da-f]{2}/gi, (code) => code.toUpperCase());
  }
  return encodeURIComponent(plain).replace(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
}
