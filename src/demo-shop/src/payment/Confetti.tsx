const colours = ['#ffc857', '#f6a04d', '#ff8fa0', '#8fe3b4', '#ffffff'];

/** Where the shapes come to rest; drawn once by hand, so that they lie well. */
const places: [x: number, y: number, turn: number][] = [
  [34, 40, 12], [78, 18, 40], [120, 58, -20], [160, 24, 75], [206, 46, 8], [238, 96, 30], [196, 112, -35], [150, 128, 60],
  [96, 104, 22], [52, 92, -50], [226, 160, 15], [178, 178, 80], [128, 186, -12], [246, 218, 45], [200, 232, 5],
];

/** The moment deserves it. Still for who wants no motion. */
export function Confetti() {
  return (
    <svg className="confetti" viewBox="0 0 270 250" aria-hidden="true" focusable="false">
      {places.map(([x, y, turn], i) => (
        <g key={i} transform={`translate(${x} ${y}) rotate(${turn})`} fill={colours[i % colours.length]}>
          {i % 3 === 0 && <circle r="6" />}
          {i % 3 === 1 && <rect x="-5" y="-8" width="10" height="16" rx="2" />}
          {i % 3 === 2 && <path d="M-9 7 L0 -9 L9 7 Z" />}
        </g>
      ))}
    </svg>
  );
}
