import { sleep } from './turns.js';

/** A follower that has heard nothing for this long asks whether anybody leads … */
const QUIET = 20_000;

/** … and leads itself when nobody has answered by then: the leader's tab is frozen. */
const ANSWER_WITHIN = 2000;

/** The leader stays this long after its last word, so that the others hear it before one of them may lead. */
const LAST_WORD = 200;

const WHO_LEADS = 'who leads?';

export interface Member<News> {
  /** Runs while this tab leads, until its work is done or `signal` says that another tab leads now. Never rejects. */
  lead: (signal: AbortSignal) => Promise<void>;
  /** What the leader tells the others. */
  hear: (news: News) => void;
  /** What a newcomer is told. */
  latest: () => News;
}

export interface Tabs<News> {
  /** Tells all other tabs. */
  tell: (news: News) => void;
  /** This tab leads from now on, whoever led before: its reader is looking at it. */
  takeOver: () => void;
  /** The work is done: the others hear the last word before one of them may lead. */
  finish: () => void;
  /** Goes at once, in the middle of work. */
  leave: () => void;
}

/**
 * All tabs with the same name choose one that leads: it alone talks to the server and tells the others. The leader
 * holds a Web Lock, which the browser passes on when its tab goes away. Without Web Locks or BroadcastChannel
 * (an insecure origin, an old browser) every tab leads on its own.
 */
export function joinTabs<News>(name: string, member: Member<News>): Tabs<News> {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
  if (!locks || typeof BroadcastChannel === 'undefined') return alone(member);

  const channel = new BroadcastChannel(name);
  let turn = new AbortController();
  let leading = false;
  let left = false;
  let silence: ReturnType<typeof setTimeout> | undefined;

  const listen = () => {
    clearTimeout(silence);
    silence = setTimeout(ask, QUIET);
  };

  const ask = () => {
    channel.postMessage(WHO_LEADS);
    clearTimeout(silence);
    silence = setTimeout(takeOver, ANSWER_WITHIN);
  };

  const takeOver = () => {
    if (!leading) queue(true);
  };

  /** Asks for the lock. `steal` takes it from whoever has it; else this tab waits until it is free. */
  const queue = (steal: boolean) => {
    turn.abort();
    const mine = (turn = new AbortController());

    const led = async () => {
      if (mine.signal.aborted) return;
      leading = true;
      clearTimeout(silence);
      await member.lead(mine.signal);
      await sleep(LAST_WORD, mine.signal);
    };

    // The browser takes one of the two options, not both.
    locks.request(name, steal ? { steal } : { signal: mine.signal }, led).catch(() => {
      if (mine.signal.aborted || left) return;
      if (!leading) {
        // No lock is to be had here (a sandboxed frame): this tab looks after itself.
        leading = true;
        void member.lead(mine.signal);
        return;
      }
      // Another tab took over. From now on this one listens.
      leading = false;
      queue(false);
      listen();
    });
  };

  const leave = () => {
    turn.abort();
    finish();
  };

  const finish = () => {
    left = true;
    clearTimeout(silence);
    channel.close();
    if (!leading) turn.abort();
  };

  channel.onmessage = ({ data }: MessageEvent<News | typeof WHO_LEADS>) => {
    if (data === WHO_LEADS) {
      if (leading) channel.postMessage(member.latest());
    } else if (!leading) {
      listen();
      member.hear(data);
    }
  };
  queue(false);
  ask();

  return {
    tell: (news) => {
      if (leading && !left) channel.postMessage(news);
    },
    takeOver,
    finish,
    leave,
  };
}

function alone<News>(member: Member<News>): Tabs<News> {
  const mine = new AbortController();
  void member.lead(mine.signal);
  return { tell: () => {}, takeOver: () => {}, finish: () => {}, leave: () => mine.abort() };
}
