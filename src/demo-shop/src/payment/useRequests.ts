import { useCallback, useState } from 'react';

/** One request of the payment page, for those who want to see what happens. */
export interface Seen {
  id: number;
  what: string;
  began: number;
  /** How it ended: the server's word for it, or the status; null while it is parked. */
  ended: string | null;
  took: number;
}

const SHOWN = 6;
let ids = 0;

/** A fetch that writes down what it does. */
export function useRequests(): { requests: Seen[]; watchedFetch: (url: string, init: RequestInit) => Promise<Response> } {
  const [requests, setRequests] = useState<Seen[]>([]);
  const watchedFetch = useCallback(async (url: string, init: RequestInit) => {
    const began = Date.now();
    const what = `${init.method ?? 'GET'} …${url.replace(/^.*\/orders\/[^/?]+/, '').replace(/\?.*/, '') || '/'}`;
    const seen: Seen = { id: ids++, what, began, ended: null, took: 0 };
    const end = (ended: string) =>
      setRequests((all) => all.map((one) => (one.id === seen.id ? { ...one, ended, took: Date.now() - began } : one)));
    setRequests((all) => [...all, seen].slice(-SHOWN));
    try {
      const response = await fetch(url, init);
      end(response.headers.get('LongPoll-Ending') ?? String(response.status));
      return response;
    } catch (error) {
      end(init.signal?.aborted ? 'let go' : 'cut');
      throw error;
    }
  }, []);
  return { requests, watchedFetch };
}
