/**
 * Full jitter: anything between nothing and a limit that doubles from 1 s to 10 s, no more, because somebody is looking
 * at the page. A server that comes back is met by a crowd that is spread out, not by one wave after the other.
 */
export function fullJitter(failures: number): number {
  return Math.random() * Math.min(10_000, 1000 * 2 ** (failures - 1));
}

/** Between two polls: the interval while all is well; 6, 12, 24 and then 30 s (at an interval of 3 s) after errors. */
export function pollPause(interval: number, failures: number): number {
  return failures === 0 ? interval : Math.min(Math.max(30_000, interval), interval * 2 ** failures);
}
