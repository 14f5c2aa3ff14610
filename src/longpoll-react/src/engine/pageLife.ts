export interface PageLife {
  /** The page is put away or frozen: nothing may stay open. */
  sleep: () => void;
  /** The page is back: what is open may have died unnoticed. */
  wake: () => void;
  /** The network is back, for all tabs at the same moment. */
  online: () => void;
}

/** A clock that has jumped this far ahead between two ticks has slept. Background tabs tick once a minute. */
const JUMP = 90_000;

/** Tells when the page sleeps and wakes, until the returned function is called. Outside of a browser nothing happens. */
export function watchPage({ sleep, wake, online }: PageLife): () => void {
  if (typeof document === 'undefined') return () => {};

  const shown = (event: PageTransitionEvent) => {
    // The first pageshow belongs to loading; only a page from the back/forward cache has slept.
    if (event.persisted) wake();
  };
  const looked = () => {
    if (document.visibilityState === 'visible') wake();
  };
  addEventListener('pagehide', sleep);
  addEventListener('pageshow', shown);
  addEventListener('online', online);
  document.addEventListener('freeze', sleep);
  document.addEventListener('resume', wake);
  document.addEventListener('visibilitychange', looked);

  // A laptop that was shut fires none of these when the page stayed in view.
  let ticked = Date.now();
  const ticking = setInterval(() => {
    const before = ticked;
    ticked = Date.now();
    if (ticked - before > JUMP) wake();
  }, 15_000);

  return () => {
    removeEventListener('pagehide', sleep);
    removeEventListener('pageshow', shown);
    removeEventListener('online', online);
    document.removeEventListener('freeze', sleep);
    document.removeEventListener('resume', wake);
    document.removeEventListener('visibilitychange', looked);
    clearInterval(ticking);
  };
}
