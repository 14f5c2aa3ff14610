/** Cuts shorter than this are accidents, not a proxy's patience. */
const SHORTEST_CUT = 2000;

/** A learned limit is forgotten after a day: people change networks, and proxies get mended. */
const REMEMBERED_FOR = 24 * 3600_000;

/** What has been learned about the way to one server, for as long as this page lives. */
interface Lesson {
  lastCut: number | null;
  limit: number | null;
}

const lessons = new Map<string, Lesson>();

/**
 * The longest time for which the way to a server lets a request be parked. A proxy that cuts does so after the same
 * time again and again; two cuts in a row at a steady time are its limit, and later requests stay below it.
 * Remembered per origin, also for the next page.
 */
export function holdLimit(origin: string): { shorten: (hold: number) => number; cut: (after: number) => void } {
  const key = `longpoll:limit:${origin}`;
  const lesson = lessons.get(origin) ?? { lastCut: null, limit: recall(key) };
  lessons.set(origin, lesson);

  return {
    shorten: (hold) => (lesson.limit === null ? hold : Math.min(hold, below(lesson.limit))),

    cut(after) {
      const { lastCut } = lesson;
      lesson.lastCut = after;
      if (after < SHORTEST_CUT || lastCut === null) return;
      if (Math.abs(after - lastCut) > Math.max(1000, lastCut / 10)) return;
      lesson.limit = Math.min(after, lastCut);
      remember(key, lesson.limit);
    },
  };
}

/** Below the limit by two seconds or a tenth: the answer has to travel, too. */
function below(limit: number): number {
  return Math.max(1000, limit - Math.max(2000, limit / 10));
}

// Storage can be full, forbidden or not there at all. Then the lesson lasts as long as the page.
function recall(key: string): number | null {
  try {
    const { limit, at } = JSON.parse(localStorage.getItem(key) ?? '') as { limit: number; at: number };
    return limit >= SHORTEST_CUT && Date.now() - at < REMEMBERED_FOR ? limit : null;
  } catch {
    return null;
  }
}

function remember(key: string, limit: number): void {
  try {
    localStorage.setItem(key, JSON.stringify({ limit, at: Date.now() }));
  } catch {
    // See above.
  }
}
