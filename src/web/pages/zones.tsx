/** @jsxImportSource hono/jsx */

/** Cities by which people find their time zone, by continent (its number in UN M49, which Intl has names for). */
const offered: Record<string, string[]> = {
  '150': [
    'Europe/Amsterdam',
    'Europe/Athens',
    'Europe/Berlin',
    'Europe/Brussels',
    'Europe/Bucharest',
    'Europe/Dublin',
    'Europe/Helsinki',
    'Europe/Istanbul',
    'Europe/Kyiv',
    'Europe/Lisbon',
    'Europe/London',
    'Europe/Madrid',
    'Europe/Moscow',
    'Europe/Oslo',
    'Europe/Paris',
    'Europe/Prague',
    'Europe/Rome',
    'Europe/Stockholm',
    'Europe/Vienna',
    'Europe/Warsaw',
    'Europe/Zurich',
    'Atlantic/Azores',
    'Atlantic/Reykjavik',
  ],
  '019': [
    'America/Anchorage',
    'America/Argentina/Buenos_Aires',
    'America/Bogota',
    'America/Caracas',
    'America/Chicago',
    'America/Denver',
    'America/Halifax',
    'America/Havana',
    'America/Lima',
    'America/Los_Angeles',
    'America/Mexico_City',
    'America/Montevideo',
    'America/New_York',
    'America/Phoenix',
    'America/Santiago',
    'America/Sao_Paulo',
    'America/St_Johns',
    'America/Toronto',
    'America/Vancouver',
  ],
  '002': [
    'Africa/Accra',
    'Africa/Addis_Ababa',
    'Africa/Algiers',
    'Africa/Cairo',
    'Africa/Casablanca',
    'Africa/Johannesburg',
    'Africa/Khartoum',
    'Africa/Lagos',
    'Africa/Nairobi',
    'Africa/Tunis',
  ],
  '142': [
    'Asia/Almaty',
    'Asia/Amman',
    'Asia/Baghdad',
    'Asia/Baku',
    'Asia/Bangkok',
    'Asia/Beirut',
    'Asia/Colombo',
    'Asia/Dhaka',
    'Asia/Dubai',
    'Asia/Hong_Kong',
    'Asia/Jakarta',
    'Asia/Jerusalem',
    'Asia/Kabul',
    'Asia/Karachi',
    'Asia/Kathmandu',
    'Asia/Kolkata',
    'Asia/Manila',
    'Asia/Riyadh',
    'Asia/Seoul',
    'Asia/Shanghai',
    'Asia/Singapore',
    'Asia/Tashkent',
    'Asia/Tehran',
    'Asia/Tokyo',
    'Asia/Yangon',
  ],
  '009': [
    'Australia/Adelaide',
    'Australia/Brisbane',
    'Australia/Darwin',
    'Australia/Perth',
    'Australia/Sydney',
    'Pacific/Auckland',
    'Pacific/Fiji',
    'Pacific/Guam',
    'Pacific/Honolulu',
  ],
};

/**
 * A choice of time zones: some ninety, so that the page stays small; a zone of someone's own that is not among them is
 * there as well.
 */
export function Zones({ selected, language }: { selected: string | null; language: string }) {
  const extra = selected && !Object.values(offered).some((zones) => zones.includes(selected));
  const regions = new Intl.DisplayNames(language, { type: 'region' });
  return (
    <>
      {extra ? (
        <option value={selected} selected>
          {selected}
        </option>
      ) : null}
      {Object.entries(offered).map(([region, zones]) => (
        <optgroup key={region} label={regions.of(region) ?? region}>
          {zones.map((zone) => (
            <option key={zone} value={zone} selected={zone === selected}>
              {zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ')}
            </option>
          ))}
        </optgroup>
      ))}
    </>
  );
}
