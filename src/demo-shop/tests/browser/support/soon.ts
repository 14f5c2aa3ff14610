/** Waits until something holds. A slow machine only waits longer. */
export async function soon(what: string, holds: () => Promise<boolean> | boolean, seconds = 30): Promise<void> {
  const until = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`Not within ${seconds} s: ${what}`);
    await pause(50);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
