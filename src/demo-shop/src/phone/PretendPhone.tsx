import { useEffect, useId, useRef, useState, type SubmitEvent } from 'react';
import { money } from '../shop/format.js';
import { usePrompts, type PhoneAction, type Prompt } from './usePrompts.js';

const others: [PhoneAction, string][] = [
  ['insufficient_funds', 'Not enough money'],
  ['wrong_pin', 'Wrong PIN'],
  ['ignore', 'Do not answer'],
];

/** The buyer's phone, played by the sandbox: prompts of `phone`, or of all phones where it is not known. */
export function PretendPhone({ phone }: { phone: string | null }) {
  const { prompts, answer } = usePrompts(phone);
  const prompt = prompts?.find(({ state }) => state === 'waiting') ?? null;
  const newest = prompts?.[0];

  return (
    <aside className="phone-side" aria-labelledby="phone-title">
      <h2 id="phone-title" className="phone-caption">
        Your phone <span>pretend, no money moves</span>
      </h2>
      <div className="phone" data-state={prompt ? 'prompt' : 'quiet'}>
        <div className="phone-screen">
          <PhoneBar />
          {prompt ? (
            <PromptDialog key={prompt.reference} prompt={prompt} answer={(action) => answer(prompt, action)} />
          ) : (
            <Quiet newest={newest} known={prompts !== null} />
          )}
        </div>
      </div>
      <div className="phone-others" role="group" aria-label="Other things that happen">
        {others.map(([action, words]) => (
          <button key={action} type="button" disabled={!prompt} onClick={() => prompt && void answer(prompt, action)}>
            {words}
          </button>
        ))}
      </div>
    </aside>
  );
}

function PhoneBar() {
  const [time, setTime] = useState(clock);
  useEffect(() => {
    const timer = setInterval(() => setTime(clock()), 5000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="phone-bar" aria-hidden="true">
      <span>{time}</span>
      <span>Safaricom</span>
    </div>
  );
}

function clock(): string {
  return new Date().toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

function Quiet({ newest, known }: { newest: Prompt | undefined; known: boolean }) {
  const receipt = newest?.outcome?.paid ? newest.outcome.receipt : null;
  return (
    <div className="phone-quiet" role="status">
      {newest && receipt ? (
        <div className="sms">
          <strong>M-PESA</strong>
          <p>
            {receipt} Confirmed. {money(newest.amount, newest.currency)} sent to LONGPOLL SHOP for account {newest.externalReference}.
          </p>
        </div>
      ) : (
        <p>{known ? 'Payment requests appear here.' : 'The sandbox does not answer.'}</p>
      )}
    </div>
  );
}

function PromptDialog({ prompt, answer }: { prompt: Prompt; answer: (action: PhoneAction) => Promise<void> }) {
  const [pin, setPin] = useState('');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();

  async function act(action: PhoneAction) {
    setBusy(true);
    await answer(action);
    setBusy(false);
  }

  function send(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy) return;
    const complete = /^\d{4}$/.test(pin);
    setWrong(!complete);
    if (complete) void act('pin');
    else input.current?.focus();
  }

  return (
    <form className="prompt" onSubmit={send} aria-label="M-PESA payment request" noValidate>
      <p role="status">
        Do you want to pay <strong>{money(prompt.amount, prompt.currency)}</strong> to LONGPOLL SHOP, account no.{' '}
        {prompt.externalReference}?
      </p>
      <label htmlFor={`${id}-pin`}>Enter M-PESA PIN</label>
      <input
        id={`${id}-pin`}
        ref={input}
        type="password"
        inputMode="numeric"
        autoComplete="off"
        maxLength={4}
        value={pin}
        aria-describedby={`${id}-hint`}
        aria-invalid={wrong}
        onChange={(event) => setPin(event.target.value.replace(/\D/g, ''))}
      />
      <p id={`${id}-hint`} className="prompt-hint">
        {wrong ? 'The PIN has four digits.' : 'Any four digits; they stay on this page.'}
      </p>
      <div className="prompt-buttons">
        <button type="button" onClick={() => void act('cancel')} disabled={busy}>
          Cancel
        </button>
        <button type="submit" disabled={busy}>
          Send
        </button>
      </div>
    </form>
  );
}
