import type { Phase } from 'longpoll-react';

const RADIUS = 52;
const AROUND = 2 * Math.PI * RADIUS;

const signs: Partial<Record<Phase, string>> = {
  paid: 'M38 62 L54 77 L84 43',
  cancelled: 'M44 44 L76 76 M76 44 L44 76',
  failed: 'M60 36 V66 M60 80 V81',
  expired: 'M60 36 V62 L76 72',
  timedOut: 'M60 36 V62 L76 72',
  unknown: 'M60 36 V66 M60 80 V81',
};

interface DialProps {
  phase: Phase;
  /** What is left of the time to pay, 0 to 1. */
  left: number;
}

/** The time that is left, running out around a phone; when it is over, how it ended. */
export function Dial({ phase, left }: DialProps) {
  const sign = signs[phase];
  return (
    <svg className="dial" viewBox="0 0 120 120" aria-hidden="true" focusable="false">
      <circle className="dial-ground" cx="60" cy="60" r={RADIUS} />
      {sign ? (
        <path className="dial-sign" pathLength="1" d={sign} />
      ) : (
        <>
          <circle
            className="dial-left"
            cx="60"
            cy="60"
            r={RADIUS}
            strokeDasharray={`${AROUND * left} ${AROUND}`}
            transform="rotate(-90 60 60)"
          />
          <g className="dial-phone">
            <rect x="45" y="34" width="30" height="52" rx="6" />
            <path d="M56 78 H64" />
            <path className="dial-ping" d="M82 46 a20 20 0 0 1 0 28 M38 46 a20 20 0 0 0 0 28" />
          </g>
        </>
      )}
    </svg>
  );
}
