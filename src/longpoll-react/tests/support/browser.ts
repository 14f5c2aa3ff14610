import { vi } from 'vitest';

type Callback = () => Promise<void>;
interface Held {
  reject: (reason: unknown) => void;
}

/** Web Locks as browsers have them, as far as they are used: exclusive, with `signal` and `steal`. */
class Locks {
  private readonly held = new Map<string, Held>();
  private readonly queued = new Map<string, (() => void)[]>();

  request = (name: string, options: { signal?: AbortSignal; steal?: boolean }, callback: Callback): Promise<void> =>
    new Promise((resolve, reject) => {
      const aborted = () => reject(new DOMException('aborted', 'AbortError'));
      if (options.signal?.aborted) return aborted();

      const mine: Held = { reject };
      const release = () => {
        if (this.held.get(name) === mine) this.release(name);
      };
      const grant = () => {
        this.held.set(name, mine);
        queueMicrotask(() => {
          if (options.signal?.aborted) return release();
          options.signal?.removeEventListener('abort', aborted);
          void callback().then(resolve, reject).then(release);
        });
      };
      options.signal?.addEventListener('abort', aborted);
      if (options.steal) {
        this.held.get(name)?.reject(new DOMException('stolen', 'AbortError'));
        grant();
      } else if (this.held.has(name)) {
        this.queued.set(name, [...(this.queued.get(name) ?? []), grant]);
      } else {
        grant();
      }
    });

  private release(name: string): void {
    this.held.delete(name);
    this.queued.get(name)?.shift()?.();
  }
}

/** Channels of one browser. Messages arrive a moment later, in order, at everybody but the sender. */
class Channel {
  static open: Channel[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  frozen = false;

  constructor(readonly name: string) {
    Channel.open.push(this);
  }

  postMessage(data: unknown): void {
    if (this.frozen) return;
    const others = Channel.open.filter((channel) => channel !== this && channel.name === this.name);
    for (const channel of others) {
      queueMicrotask(() => {
        if (!channel.frozen && Channel.open.includes(channel)) channel.onmessage?.({ data: structuredClone(data) });
      });
    }
  }

  close(): void {
    Channel.open = Channel.open.filter((channel) => channel !== this);
  }
}

/** From here on the test has a browser in which tabs can find each other. */
export function givenTabs(): void {
  Channel.open = [];
  vi.stubGlobal('BroadcastChannel', Channel);
  vi.stubGlobal('navigator', Object.create(navigator, { locks: { value: new Locks() } }));
}

/** The tab that was opened as this one, counted from 0, neither hears nor speaks any more; its lock it keeps. */
export function freezeTab(index: number): void {
  Channel.open[index]!.frozen = true;
}

export function hide(): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  document.dispatchEvent(new Event('visibilitychange'));
}

export function show(): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
  document.dispatchEvent(new Event('visibilitychange'));
}

/** The page goes into the back/forward cache, and comes back out of it. */
export function putAway(): void {
  window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
}

export function bringBack(): void {
  window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
}
