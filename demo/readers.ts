/** A subscriber of the demo: invented, at a domain that cannot exist (RFC 2606). */
export interface DemoReader {
  name: string;
  email: string;
  topics: string[];
  mutedTopics: string[];
}

const wishes: [string, string[], string[]][] = [
  ['Ada Winther', [], []],
  ['Bo Lindqvist', ['science'], []],
  ['Carla Mendes', ['culture', 'nature'], []],
  ['Dmitri Volkov', ['transport'], ['sport']],
  ['Elif Yıldız', ['politics', 'business'], []],
  ['Femi Adeyemi', ['sport'], ['weather']],
  ['Greta Sørensen', ['coast', 'weather'], []],
  ['Hiro Tanaka', ['science', 'transport'], ['politics']],
  ['Inès Moreau', ['culture'], []],
  ['Jonas Brück', [], ['sport', 'business']],
  ['Kaia Nilsen', ['nature'], []],
  ['Liam O’Connor', ['business'], []],
  ['Mina Haddad', ['health', 'science'], []],
  ['Noor Rahman', [], ['coast']],
  ['Oskar Zieliński', ['transport', 'politics'], []],
  ['Pia Keller', ['weather'], []],
  ['Quentin Adler', ['sport', 'culture'], []],
  ['Rosa Iglesias', ['health'], ['transport']],
  ['Sven Halvorsen', [], []],
  ['Tuuli Mäkinen', ['nature', 'coast'], ['business']],
  ['Uma Patel', ['business', 'science'], []],
  ['Viktor Horvat', ['politics'], []],
  ['Wen Li 李文', ['science', 'culture'], []],
  ['Xenia Papadaki', ['culture', 'sport'], ['weather']],
  ['Yusuf Demir', [], ['politics']],
];

/** 25 readers with different wishes. */
export const readers: DemoReader[] = wishes.map(([name, topics, mutedTopics]) => ({
  name,
  email: `${name
    .split(' ')[0]
    ?.toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z]/g, '')}@readers.example.com`,
  topics,
  mutedTopics,
}));
