import { useSyncExternalStore, type MouseEvent } from 'react';

const moved = new EventTarget();

function subscribe(listener: () => void): () => void {
  moved.addEventListener('moved', listener);
  addEventListener('popstate', listener);
  return () => {
    moved.removeEventListener('moved', listener);
    removeEventListener('popstate', listener);
  };
}

/** The path of the page that is shown. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

/** Shows another page of the shop. */
export function navigate(path: string): void {
  history.pushState(null, '', path);
  scrollTo(0, 0);
  moved.dispatchEvent(new Event('moved'));
}

/** For the links of the shop: no page is loaded for what is here already, unless the reader wants a new tab. */
export function follow(event: MouseEvent<HTMLAnchorElement>): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(event.currentTarget.pathname);
}
