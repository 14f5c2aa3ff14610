import { useEffect, useRef } from 'react';

/** Calls `tell` once with every new value, but not with null and not with what was `known` from the start. */
export function useNews<Value>(value: Value | null, tell: ((value: Value) => void) | undefined, known: Value | null): void {
  const latest = useRef({ tell, known });
  const told = useRef<Value | null>(null);
  useEffect(() => {
    latest.current = { tell, known };
  });
  useEffect(() => {
    // React may run an effect twice for one value in development.
    if (value === told.current) return;
    told.current = value;
    if (value !== null && value !== latest.current.known) latest.current.tell?.(value);
  }, [value]);
}
