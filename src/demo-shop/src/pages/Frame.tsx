import { useEffect, type ReactNode } from 'react';
import { follow } from '../shop/router.js';

interface FrameProps {
  /** Of the window; a page whose title changes sets it itself. */
  title?: string;
  children: ReactNode;
}

/** What stands around every page. */
export function Frame({ title, children }: FrameProps) {
  useEffect(() => {
    if (title) document.title = `${title} · LongPoll Shop`;
  }, [title]);

  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <a className="brand" href="/" onClick={follow}>
          <img src="/shop/icon.svg" alt="" width="28" height="28" />
          LongPoll Shop
        </a>
        <nav aria-label="Shop">
          <a href="/wallet" onClick={follow}>
            My tickets
          </a>
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer className="foot">
        <p>A demo: events, provider and phone are pretend.</p>
        <p>
          <a href="/sandbox">Sandbox</a> <a href="/docs">API</a> <a href="/health/ready">Health</a>
        </p>
      </footer>
    </>
  );
}
