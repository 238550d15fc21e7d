import { type ChosenStory, isNoteSlot, type Slot } from './chosen.ts';
import { push } from './push.ts';
import { hasTopic } from './rules.ts';

/** What choosing needs of a candidate. */
export type PersonalCandidate = Pick<
  ChosenStory,
  'position' | 'topics' | 'publisher' | 'storylineId' | 'score' | 'pinned' | 'slot' | 'developing'
> &
  // `from`: taken over from an earlier edition, for readers who did not get that one.
  Pick<ChosenStory, 'from' | 'kind'>;

/** What a subscriber wishes, did and has had. Only the edition and this decide on their digest. */
export interface ReaderTaste {
  id: number;
  topics: string[];
  mutedTopics: string[];
  /** Publishers. */
  mutedSources: string[];
  /** Clicks on earlier editions' stories, each counted by its age (see `decayed`). */
  clicks?: { topics: string[]; publisher: string; storylineId: number | null; weight: number }[];
  /** Positions of candidates that they have had, in an earlier edition or another newsletter. */
  had?: number[];
  /** For a reader who gets less than every edition: roll-up candidates of editions after this instant are theirs. */
  since?: string | null;
}

/** How a story came to its place in one reader's digest. */
export interface Placement {
  position: number;
  slot: string;
  /** Plain words; several if several things moved it. */
  because: string[];
  /** Place in the edition's own order, from 1, and the value by which it was ordered here. */
  parts: { editionPlace: number; value: number; interest: number };
}

/** What is done with places for exploring. */
export interface Exploration {
  /** The share of all places that go to stories which the reader would not have got otherwise. */
  share: number;
  /** Makes one edition's draw differ from another's: the edition's id. */
  seed: number;
}

// A chosen topic moves a story up past those of half again its score; it does not make a minor story the lead.
const topicBoost = 1.6;
// What somebody clicks again and again counts nearly as much as what they say.
const mostInterest = 0.5;
const clicksForHalf = 2;

/** What a click still counts after a time: half of it after two weeks. */
export function decayed(ageMs: number): number {
  return 0.5 ** (Math.max(0, ageMs) / (14 * 24 * 3_600_000));
}

/**
 * Chooses each subscriber's stories from an edition's candidates: without muted topics and sources and what they have
 * had (unless it moved on), chosen topics and what they click moved up, pinned stories in their place for everyone.
 * The same edition and reader give the same choice. Made once for an edition; a choice costs microseconds.
 */
export class PersonalChooser {
  readonly #candidates: PersonalCandidate[];
  readonly #slots: Slot[];
  readonly #exploration: Exploration;
  readonly #byTopic = new Map<string, number[]>();
  readonly #byPublisher = new Map<string, number[]>();
  readonly #byStoryline = new Map<number, number[]>();
  readonly #atPosition = new Map<number, number>();
  readonly #base: Float64Array;
  /** Candidates that are in nobody's digest but by wish, clicks or roll-up. */
  readonly #usual: number[];
  readonly #pinnedIn: number[][];
  readonly #fits: Uint8Array[];
  readonly #hasNotes: boolean;
  // Written anew for each reader, so that choosing allocates little.
  readonly #value: Float64Array;
  readonly #interest: Float64Array;
  readonly #closed: Uint8Array;
  readonly #order: Int32Array;
  #forAll: number[][] | undefined;

  /** @param candidates in the edition's order, roll-up candidates last */
  constructor(
    candidates: PersonalCandidate[],
    slots: Slot[],
    exploration: Exploration = { share: 0, seed: 0 },
  ) {
    this.#candidates = candidates;
    this.#slots = slots;
    this.#exploration = exploration;
    for (const [at, candidate] of candidates.entries()) {
      this.#atPosition.set(candidate.position, at);
      // Subscribers' topics are in lower case, sources' may be in any.
      for (const topic of candidate.topics) push(this.#byTopic, topic.toLowerCase(), at);
      push(this.#byPublisher, candidate.publisher, at);
      if (candidate.storylineId !== null) push(this.#byStoryline, candidate.storylineId, at);
    }
    const own = candidates.filter(({ from }) => !from);
    this.#base = Float64Array.from(candidates, (candidate, at) =>
      candidate.from ? rolledUpValue(candidate, own) : rankValue(at, own.length),
    );
    this.#usual = [...candidates.keys()].filter((at) => !candidates[at]?.pinned && !candidates[at]?.from);
    this.#pinnedIn = slots.map(({ name, count }) =>
      [...candidates.keys()]
        .filter((at) => candidates[at]?.pinned && candidates[at]?.slot === name)
        .slice(0, count),
    );
    this.#fits = slots.map(({ name, topic }) =>
      Uint8Array.from(candidates, ({ topics }) =>
        !isNoteSlot(name) && (topic === undefined || hasTopic(topics, topic)) ? 1 : 0,
      ),
    );
    this.#hasNotes = candidates.some(({ kind }) => kind === 'note');
    this.#value = new Float64Array(candidates.length);
    this.#interest = new Float64Array(candidates.length);
    this.#closed = new Uint8Array(candidates.length);
    this.#order = new Int32Array(candidates.length);
  }

  /**
   * @returns positions for each slot, in the slots' order; fewer than the slots take if wishes leave fewer, and none at
   *   all if everything is muted: notes of the editors alone are no digest. What a reader has had comes again only if there would be nothing else.
   */
  choose(reader: ReaderTaste): number[][] {
    const { chosen, explored } = this.#choose(reader);
    return (explored ?? chosen).map((slot) => slot.map((at) => this.#candidates[at]?.position as number));
  }

  /** Candidates for each slot, by wishes alone, and with the place for exploring if the reader has one. */
  #choose(reader: ReaderTaste): { chosen: number[][]; explored: number[][] | undefined; again: boolean } {
    const plain = isPlain(reader);
    let chosen = plain ? this.#edition() : this.#fill(this.#order, this.#rank(reader));
    const again = Boolean(reader.had?.length) && this.#isEmpty(chosen);
    if (again) chosen = this.#fill(this.#order, this.#rank({ ...reader, had: [] }));
    if (this.#hasNotes && this.#isEmpty(chosen)) chosen = chosen.map(() => []);
    return { chosen, explored: this.#explore(reader, chosen, plain), again };
  }

  #isEmpty(chosen: number[][]): boolean {
    return chosen.every((slot) => slot.every((at) => this.#candidates[at]?.kind === 'note'));
  }

  /** The same choice with what moved each story. */
  explain(reader: ReaderTaste): Placement[] {
    const { chosen, explored, again } = this.#choose(reader);
    const byWishes = new Set(chosen.flat());
    const usual = new Set(this.#edition().flat());
    this.#rank(again ? { ...reader, had: [] } : reader);
    const own = this.#candidates.filter(({ from }) => !from).length;
    return (explored ?? chosen).flatMap((slotted, slot) =>
      slotted.map((at) => {
        const candidate = this.#candidates[at] as PersonalCandidate;
        const interest = this.#interest[at] as number;
        const because: string[] = [];
        if (candidate.kind === 'note') because.push('a note of the editors, for everyone');
        else if (candidate.pinned) because.push('the editor pinned it here, for everyone');
        const wished = candidate.topics.filter((topic) =>
          reader.topics.some((wish) => wish.toLowerCase() === topic.toLowerCase()),
        );
        if (wished.length > 0) because.push(`moved up: they chose ${wished.join(' and ')}`);
        const clicked = reader.clicks?.filter((click) => touches(click, candidate)).length ?? 0;
        if (clicked > 0)
          because.push(
            `moved up: they clicked ${clicked} ${clicked === 1 ? 'story' : 'stories'} of its topics, its publisher or its storyline`,
          );
        if (candidate.from)
          because.push(`from the edition of ${candidate.from.scheduledFor}, which they did not get`);
        if (!byWishes.has(at)) because.push('to learn whether they care: it would not have been theirs');
        else if (again) because.push('they have had it, but there is nothing else');
        else if (because.length === 0 && !usual.has(at))
          because.push('in the place of what they muted or have had, or what moved to other places');
        if (because.length === 0) because.push('as the edition has it');
        return {
          position: candidate.position,
          slot: this.#slots[slot]?.name ?? '',
          because,
          parts: {
            editionPlace: candidate.from ? own + 1 : at + 1,
            value: rounded(this.#value[at] as number),
            interest: rounded(interest),
          },
        };
      }),
    );
  }

  /** What everybody gets who wishes nothing else. */
  #edition(): number[][] {
    this.#forAll ??= this.#fill(this.#usual, this.#usual.length);
    return this.#forAll;
  }

  /** Writes the candidates open to a reader into #order, best first. @returns how many */
  #rank(reader: ReaderTaste): number {
    const value = this.#value;
    const interest = this.#interest;
    const closed = this.#closed;
    const order = this.#order;
    value.set(this.#base);
    interest.fill(0);
    closed.fill(0);
    for (const topic of reader.mutedTopics) mark(closed, this.#byTopic.get(topic.toLowerCase()));
    for (const source of reader.mutedSources) mark(closed, this.#byPublisher.get(source));
    if (reader.had)
      for (const position of reader.had) {
        const at = this.#atPosition.get(position);
        if (at !== undefined && !this.#candidates[at]?.developing) closed[at] = 1;
      }
    if (reader.clicks)
      for (const { topics, publisher, storylineId, weight } of reader.clicks) {
        // Several topics of one click share it.
        for (const topic of topics)
          add(interest, this.#byTopic.get(topic.toLowerCase()), weight / topics.length);
        add(interest, this.#byPublisher.get(publisher), weight / 2);
        if (storylineId !== null) add(interest, this.#byStoryline.get(storylineId), weight);
      }
    for (const topic of reader.topics) {
      const about = this.#byTopic.get(topic.toLowerCase());
      if (about)
        for (const at of about) if (value[at] === this.#base[at]) (value[at] as number) *= topicBoost;
    }
    let open = 0;
    for (let at = 0; at < value.length; at++) {
      const candidate = this.#candidates[at] as PersonalCandidate;
      if (closed[at] || candidate.pinned) continue;
      if (
        candidate.from &&
        !(reader.since !== undefined && candidate.from.scheduledFor > (reader.since ?? ''))
      )
        continue;
      const clicks = interest[at] as number;
      if (clicks > 0) (value[at] as number) *= 1 + (mostInterest * clicks) / (clicks + clicksForHalf);
      // Insertion sort: few candidates, and nearly in order.
      let place = open++;
      while (place > 0 && (value[order[place - 1] as number] as number) < (value[at] as number)) {
        order[place] = order[place - 1] as number;
        place--;
      }
      order[place] = at;
    }
    return open;
  }

  #fill(order: ArrayLike<number>, open: number): number[][] {
    const taken = new Uint8Array(this.#candidates.length);
    let first = 0;
    return this.#slots.map(({ count, topic }, slot) => {
      const places = [...(this.#pinnedIn[slot] ?? [])];
      const fits = this.#fits[slot] as Uint8Array;
      for (let at = first; at < open && places.length < count; at++) {
        const candidate = order[at] as number;
        if (taken[candidate] || !fits[candidate]) continue;
        taken[candidate] = 1;
        places.push(candidate);
      }
      if (topic === undefined) while (first < open && taken[order[first] as number]) first++;
      return places;
    });
  }

  /**
   * Gives the last place of the last slot that takes anything to a story that the reader would not get, for the share of
   * readers that makes up the share of all places: what nobody is shown, nobody can click (epsilon-greedy exploration:
   * Sutton and Barto, "Reinforcement learning", 2018, section 2.2). Not in a digest of one place, nor in the first slot.
   */
  #explore(reader: ReaderTaste, chosen: number[][], plain: boolean): number[][] | undefined {
    const { share, seed } = this.#exploration;
    if (share === 0) return undefined;
    let slot = this.#slots.length - 1;
    while (
      slot > 0 &&
      (this.#slots[slot]?.topic !== undefined ||
        (chosen[slot]?.length ?? 0) < 2 ||
        isNoteSlot(this.#slots[slot]?.name ?? ''))
    )
      slot--;
    const last = chosen[slot];
    if (slot === 0 || !last) return undefined;
    const places = chosen.reduce((sum, each) => sum + each.length, 0);
    const draw = mixed(seed, reader.id);
    if ((draw & 0xffff) / 0x10000 >= share * places) return undefined;
    if (this.#candidates[last.at(-1) as number]?.pinned) return undefined;
    if (plain) this.#closed.fill(0);
    const taken = new Set(chosen.flat());
    const others = this.#usual.filter((at) => !taken.has(at) && !this.#closed[at]);
    if (others.length === 0) return undefined;
    const other = others[(draw >>> 16) % others.length] as number;
    return chosen.map((each, at) => (at === slot ? [...each.slice(0, -1), other] : each));
  }
}

/** Chooses for one reader. For many, make a `PersonalChooser` once. */
export function chooseFor(candidates: PersonalCandidate[], slots: Slot[], reader: ReaderTaste): number[][] {
  return new PersonalChooser(candidates, slots).choose(reader);
}

function isPlain(reader: ReaderTaste): boolean {
  return (
    reader.topics.length === 0 &&
    reader.mutedTopics.length === 0 &&
    reader.mutedSources.length === 0 &&
    !reader.clicks?.length &&
    !reader.had?.length &&
    reader.since === undefined
  );
}

// The editor's order counts, not the raw score: diversity has had its say in it.
function rankValue(order: number, total: number): number {
  return 1 - (0.75 * order) / Math.max(1, total);
}

/** Where a story of an earlier edition would stand in this one by its score: just behind the last that is better. */
function rolledUpValue(candidate: PersonalCandidate, own: PersonalCandidate[]): number {
  const better = own.findLastIndex(({ score }) => score >= candidate.score);
  return rankValue(better + 1, own.length) + 0.001;
}

function touches(click: NonNullable<ReaderTaste['clicks']>[number], candidate: PersonalCandidate): boolean {
  return (
    click.publisher === candidate.publisher ||
    (click.storylineId !== null && click.storylineId === candidate.storylineId) ||
    click.topics.some((topic) => candidate.topics.includes(topic))
  );
}

function mark(closed: Uint8Array, candidates: number[] | undefined): void {
  if (candidates) for (const at of candidates) closed[at] = 1;
}

function add(interest: Float64Array, candidates: number[] | undefined, weight: number): void {
  if (candidates) for (const at of candidates) (interest[at] as number) += weight;
}

/** 32 bits that two numbers give, spread evenly (the finaliser of MurmurHash3). */
function mixed(a: number, b: number): number {
  let hash = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const rounded = (value: number) => Math.round(value * 1000) / 1000;
