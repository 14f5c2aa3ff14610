import type { ShopEvent } from './events.js';

/** A picture of nothing but shapes: sharp at every size, and nothing to load. */
export function Poster({ of }: { of: ShopEvent['poster'] }) {
  return (
    <svg className="poster" data-poster={of} viewBox="0 0 320 200" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">
      <rect className="p0" width="320" height="200" />
      {shapes[of]}
    </svg>
  );
}

const rows = [0, 1, 2, 3, 4, 5];

const shapes = {
  waves: (
    <>
      <circle className="p2" cx="236" cy="66" r="44" />
      {rows.map((i) => (
        <path
          key={i}
          className={i % 2 ? 'p1' : 'p3'}
          opacity={0.9 - i * 0.08}
          d={`M-20 ${110 + i * 17} q 40 ${-30 + i * 3} 80 0 t 80 0 t 80 0 t 80 0 t 80 0 V 220 H -20 Z`}
        />
      ))}
    </>
  ),
  suns: (
    <>
      {rows.map((i) => (
        <circle key={i} className={i % 2 ? 'p1' : 'p2'} cx="160" cy="150" r={150 - i * 25} opacity={0.55 + i * 0.08} />
      ))}
      <rect className="p3" y="150" width="320" height="50" />
      {rows.map((i) => (
        <rect key={i} className="p2" x={130 - i * 6} y={157 + i * 7} width={60 + i * 12} height="2" opacity={0.7 - i * 0.1} />
      ))}
    </>
  ),
  blocks: (
    <>
      {rows.flatMap((x) =>
        [0, 1, 2, 3].map((y) => {
          const kind = (x * 3 + y * 5) % 4;
          const at = { x: x * 54 - 2, y: y * 52 - 4 };
          if (kind === 0) return <rect key={`${x}${y}`} className="p1" {...at} width="48" height="46" rx="4" />;
          if (kind === 1) return <circle key={`${x}${y}`} className="p2" cx={at.x + 24} cy={at.y + 23} r="23" />;
          if (kind === 2) return <path key={`${x}${y}`} className="p3" d={`M${at.x} ${at.y} h48 a48 46 0 0 1 -48 46 Z`} />;
          return <path key={`${x}${y}`} className="p2" opacity="0.5" d={`M${at.x} ${at.y + 46} l24 -46 l24 46 Z`} />;
        }),
      )}
    </>
  ),
} as const;
