import type { Phase } from '../texts/texts.js';

const shapes: Partial<Record<Phase, string>> = {
  paid: 'M14 25.5l7 7 13.5-15',
  cancelled: 'M17 17l14 14M31 17L17 31',
  failed: 'M24 14v13M24 33.5v.5',
  expired: 'M24 14v10l7 5',
  timedOut: 'M24 14v10l7 5',
  unknown: 'M19 19a5 5 0 1 1 7 4.6c-1.5.8-2 1.8-2 3.4M24 33.5v.5',
};

/** A ring that turns while the payment is open, and a sign inside of it when it has ended. The title says it in words. */
export function StatusIcon({ phase }: { phase: Phase }) {
  const shape = shapes[phase];
  return (
    <svg className="lp-icon" viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <circle className="lp-ring" cx="24" cy="24" r="21" />
      {shape ? <path className="lp-sign" d={shape} /> : <path className="lp-spin" d="M24 3a21 21 0 0 1 21 21" />}
    </svg>
  );
}
