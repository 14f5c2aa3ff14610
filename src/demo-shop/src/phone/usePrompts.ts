import { useCallback, useEffect, useState } from 'react';

/** A payment prompt on the sandbox's phone, as far as it is shown. */
export interface Prompt {
  reference: string;
  externalReference: string;
  amount: number;
  currency: string;
  state: 'waiting' | 'ignored' | 'answered';
  lapsesAt: string | null;
  outcome: { paid: boolean; receipt: string | null; at: string } | null;
}

/** What a buyer can do with a prompt. */
export type PhoneAction = 'pin' | 'cancel' | 'insufficient_funds' | 'wrong_pin' | 'ignore';

/** A prompt appears within this many milliseconds. */
const LOOK_EVERY = 700;

interface Prompts {
  /** Newest first; null until the sandbox has answered. */
  prompts: Prompt[] | null;
  answer: (prompt: Prompt, action: PhoneAction) => Promise<void>;
}

/** The prompts of one phone, or of all phones. */
export function usePrompts(phone: string | null): Prompts {
  const [prompts, setPrompts] = useState<Prompt[] | null>(null);

  const load = useCallback(async () => {
    const query = phone ? `&phone=${encodeURIComponent(phone)}` : '';
    const response = await fetch(`/sandbox/prompts?limit=5${query}`, { cache: 'no-store', signal: AbortSignal.timeout(5000) }).catch(() => null);
    if (response?.ok) setPrompts((await response.json()) as Prompt[]);
  }, [phone]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const look = async () => {
      // Nobody sees the phone of a hidden page.
      if (document.visibilityState === 'visible') await load();
      if (!gone) timer = setTimeout(() => void look(), LOOK_EVERY);
    };
    void look();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [load]);

  const answer = useCallback(
    async ({ reference }: Prompt, action: PhoneAction) => {
      await fetch(`/sandbox/prompts/${encodeURIComponent(reference)}/answer`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ action }),
      }).catch(() => null);
      await load();
    },
    [load],
  );

  return { prompts, answer };
}
