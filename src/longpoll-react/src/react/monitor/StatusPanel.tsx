import { useEffect, useRef, type ReactNode } from 'react';
import type { ConnectionState } from '../../engine/options.js';
import { textsFor, type Locale, type Phase, type TextChanges, type Texts } from '../texts/texts.js';
import { StatusIcon } from './StatusIcon.js';
import { monitorStyles } from './styles.js';
import { minutes } from './useElapsed.js';

/** How a monitor looks and speaks. */
export interface MonitorLook {
  /** `en` (default) or `sw`. */
  locale?: Locale;
  /** Words of your own in place of some. */
  texts?: TextChanges;
  className?: string;
  /** Leaves out the style sheet, for a page that brings its own or forbids inline styles. */
  unstyled?: boolean;
}

export interface StatusPanelProps extends MonitorLook {
  phase: Phase;
  detail: string;
  notes?: (string | null)[];
  connection: ConnectionState;
  /** Whole seconds, while the payment is open. */
  elapsed?: number;
  children?: ReactNode;
}

/** Shows one phase of a payment: sign, title, sentence, notes and, as children, what the buyer can do. */
export function StatusPanel(props: StatusPanelProps) {
  const { phase, detail, notes = [], connection, elapsed, locale = 'en', className, unstyled, children } = props;
  const texts = textsFor(locale, props.texts);
  const { title, panel } = useFocusKept(phase);

  return (
    <section ref={panel} className={['lp-monitor', className].filter(Boolean).join(' ')} data-phase={phase} lang={locale}>
      {!unstyled && (
        <style href="longpoll-react" precedence="default">
          {monitorStyles}
        </style>
      )}
      <StatusIcon phase={phase} />
      {/* Read out when it changes. The seconds are not in it. */}
      <div role="status" aria-atomic="true">
        <h2 ref={title} className="lp-title" tabIndex={-1}>
          {texts.titles[phase]}
        </h2>
        {phase !== 'timedOut' && <p>{detail}</p>}
        {notes.map((note) => note && <p key={note} className="lp-quiet">{note}</p>)}
      </div>
      {phase === 'timedOut' && <p role="alert">{detail}</p>}
      {connection === 'retrying' && <p className="lp-quiet">{texts.retrying}</p>}
      {elapsed !== undefined && <p className="lp-quiet">{texts.elapsed(minutes(elapsed))}</p>}
      <div className="lp-actions">{children}</div>
    </section>
  );
}

/** A button that went away with the focus in it leaves it to the title, not to the top of the page. */
function useFocusKept(phase: Phase) {
  const title = useRef<HTMLHeadingElement>(null);
  const panel = useRef<HTMLElement>(null);
  const wasInside = useRef(false);

  useEffect(() => {
    const element = panel.current;
    if (!element) return;
    const inside = () => (wasInside.current = true);
    const left = ({ relatedTarget }: FocusEvent) => {
      if (relatedTarget && !element.contains(relatedTarget as Node)) wasInside.current = false;
    };
    element.addEventListener('focusin', inside);
    element.addEventListener('focusout', left);
    return () => {
      element.removeEventListener('focusin', inside);
      element.removeEventListener('focusout', left);
    };
  }, []);
  useEffect(() => {
    if (wasInside.current && document.activeElement === document.body) title.current?.focus();
  }, [phase]);
  return { title, panel };
}

export interface ActionProps {
  texts: Texts;
  busy: boolean;
  act: () => void;
}

/** Stays focusable while it is busy: a disabled button would drop the focus. */
export function RefreshButton({ texts, busy, act }: ActionProps) {
  return (
    <button type="button" className="lp-action" aria-disabled={busy} onClick={() => !busy && act()}>
      {busy ? texts.refreshing : texts.refresh}
    </button>
  );
}

export function TryAgainButton({ texts, busy, act }: ActionProps) {
  return (
    <button type="button" className="lp-action" data-main="" aria-disabled={busy} onClick={() => !busy && act()}>
      {busy ? texts.tryingAgain : texts.tryAgain}
    </button>
  );
}
