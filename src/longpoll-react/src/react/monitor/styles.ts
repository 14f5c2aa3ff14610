/**
 * The monitor's style sheet. Set the variables on the monitor or anywhere above it; their defaults keep WCAG AA
 * contrast in light and dark.
 */
export const monitorStyles = `
.lp-monitor {
  --_surface: var(--lp-surface, #ffffff);
  --_ink: var(--lp-ink, #17211c);
  --_muted: var(--lp-muted, #53615a);
  --_border: var(--lp-border, #d5ddd8);
  --_accent: var(--lp-accent, #1f5fbf);
  --_on-accent: var(--lp-on-accent, #ffffff);
  --_success: var(--lp-success, #0b7a3b);
  --_danger: var(--lp-danger, #b3261e);
  --_tone: var(--_accent);
  box-sizing: border-box;
  max-width: 28rem;
  padding: 2rem 1.5rem;
  border: 1px solid var(--_border);
  border-radius: var(--lp-radius, 1rem);
  background: var(--_surface);
  color: var(--_ink);
  font-family: var(--lp-font, inherit);
  font-size: 1rem;
  line-height: 1.5;
  text-align: center;
}
@media (prefers-color-scheme: dark) {
  .lp-monitor {
    --_surface: var(--lp-surface, #161d19);
    --_ink: var(--lp-ink, #e9f0ec);
    --_muted: var(--lp-muted, #a5b4ac);
    --_border: var(--lp-border, #33403a);
    --_accent: var(--lp-accent, #8ab8ff);
    --_on-accent: var(--lp-on-accent, #06203f);
    --_success: var(--lp-success, #5fd394);
    --_danger: var(--lp-danger, #ff9a90);
  }
}
.lp-monitor[data-phase='paid'] { --_tone: var(--_success); }
.lp-monitor:is([data-phase='cancelled'], [data-phase='failed'], [data-phase='expired']) { --_tone: var(--_danger); }
.lp-monitor * { box-sizing: border-box; }
.lp-icon { width: 4.5rem; height: 4.5rem; fill: none; stroke: var(--_tone); stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; }
.lp-ring { opacity: 0.25; }
.lp-sign { animation: lp-appear 0.3s ease-out; }
.lp-spin { transform-origin: center; animation: lp-turn 1.2s linear infinite; }
.lp-title { margin: 1rem 0 0; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
.lp-title:focus { outline: none; }
.lp-monitor p { margin: 0.5rem 0 0; }
.lp-quiet { color: var(--_muted); font-size: 0.9375rem; font-variant-numeric: tabular-nums; }
.lp-actions { display: flex; flex-wrap: wrap; gap: 0.75rem; justify-content: center; margin-top: 1.25rem; }
.lp-action {
  display: inline-flex;
  align-items: center;
  min-height: 2.75rem;
  padding: 0.5rem 1.25rem;
  border: 1px solid var(--_accent);
  border-radius: calc(var(--lp-radius, 1rem) * 0.6);
  background: none;
  color: var(--_accent);
  font: inherit;
  font-weight: 600;
  text-decoration: none;
  cursor: pointer;
}
.lp-action[data-main] { background: var(--_accent); color: var(--_on-accent); }
.lp-action[aria-disabled='true'] { cursor: progress; }
.lp-action:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }
@keyframes lp-turn { to { transform: rotate(1turn); } }
@keyframes lp-appear { from { opacity: 0; transform: translateY(0.25rem); } }
@media (prefers-reduced-motion: reduce) {
  .lp-sign { animation: none; }
  .lp-spin { animation-duration: 8s; animation-timing-function: steps(8); }
}
`;
