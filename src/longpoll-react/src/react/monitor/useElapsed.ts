import { useEffect, useState } from 'react';

/** Whole seconds since `active` became true; stands still otherwise. */
export function useElapsed(active: boolean): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (!active) return;
    const began = Date.now();
    const tick = () => setSeconds(Math.floor((Date.now() - began) / 1000));
    const timer = setInterval(tick, 1000);
    return () => {
      clearInterval(timer);
      setSeconds(0);
    };
  }, [active]);
  return seconds;
}

/** Minutes and seconds, as in 1:05. */
export function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
