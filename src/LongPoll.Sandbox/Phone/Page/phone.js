'use strict';
// Every value from outside reaches the page through textContent alone.
(() => {
  const api = location.pathname.replace(/\/$/, '');
  const find = id => document.getElementById(id);
  const merchant = document.body.dataset.merchant;
  const deeds = {
    pin: 'PIN entered', cancel: 'Cancelled', ignore: 'Lapsed unanswered',
    insufficient_funds: 'Not enough money', wrong_pin: 'Wrong PIN',
  };

  // ?phone=0712345678 makes this the phone of one buyer.
  const phone = new URLSearchParams(location.search).get('phone');
  const list = `${api}/prompts?limit=60${phone ? `&phone=${encodeURIComponent(phone)}` : ''}`;

  let waiting = [];
  let shown = null;
  let busy = false;

  const money = prompt => `${prompt.currency} ${prompt.amount.toLocaleString('en')}`;
  const text = (tag, value, name) => {
    const element = document.createElement(tag);
    element.textContent = value;
    if (name) element.className = name;
    return element;
  };

  // Rows are kept by reference, so that a row with the focus in it is not replaced under the reader's hands.
  const sync = (parent, prompts, draw) => {
    const rows = new Map([...parent.children].map(row => [row.dataset.reference, row]));
    prompts.forEach((prompt, at) => {
      let row = rows.get(prompt.reference);
      rows.delete(prompt.reference);
      if (!row) {
        row = document.createElement('li');
        row.dataset.reference = prompt.reference;
      }
      const state = JSON.stringify([prompt.state, prompt.callback, left(prompt), prompt.reference === shown?.reference]);
      if (row.dataset.drawn !== state) {
        row.dataset.drawn = state;
        draw(row, prompt);
      }
      if (parent.children[at] !== row) parent.insertBefore(row, parent.children[at] ?? null);
    });
    rows.forEach(row => row.remove());
  };

  const left = prompt => {
    if (prompt.state === 'answered') return '';
    if (!prompt.lapsesAt) return 'waits for ever';
    return `${Math.max(0, Math.ceil((new Date(prompt.lapsesAt) - Date.now()) / 1000))} s left`;
  };

  const drawWaiting = (row, prompt) => {
    let button = row.querySelector('button');
    if (!button) {
      button = text('button', '');
      button.type = 'button';
      button.append(text('span', money(prompt), 'amount'), text('span', prompt.externalReference || prompt.reference, 'where'),
        text('span', '', 'left'));
      button.addEventListener('click', () => { show(prompt); refresh(); find('pin').focus(); });
      row.append(button);
    }
    const ignored = prompt.state === 'ignored';
    button.disabled = ignored;
    button.setAttribute('aria-pressed', String(prompt.reference === shown?.reference));
    button.querySelector('.left').textContent = ignored ? `ignored, ${left(prompt)}` : left(prompt);
  };

  const drawAnswered = (row, prompt) => {
    const { outcome, callback } = prompt;
    const head = text('div', '', 'row');
    head.append(text('span', money(prompt), 'amount'),
      text('span', deeds[prompt.action], outcome.paid ? 'paid' : 'unpaid'),
      text('span', new Date(outcome.at).toLocaleTimeString('en-GB'), 'left'));
    const detail = [prompt.externalReference || prompt.reference, outcome.receipt ?? `result ${outcome.resultCode}`].join(' · ');
    row.replaceChildren(head, text('span', detail, 'quiet where'));
    if (!prompt.callbackUrl) {
      row.append(text('span', 'The push named no callback address.', 'quiet'));
    } else if (!callback) {
      row.append(text('span', 'The callback is on its way.', 'quiet'));
    } else {
      const taken = callback.status >= 200 && callback.status < 300;
      const label = `Callback ${callback.shape.toUpperCase()}, copy ${callback.copy}, try ${callback.try}: `;
      row.append(text('span', label + (callback.status ?? callback.error), taken ? 'quiet' : 'refused'));
      if (callback.answer) row.append(text('code', callback.answer.slice(0, 300)));
    }
  };

  const show = prompt => {
    shown = prompt;
    find('prompt').hidden = !prompt;
    find('idle').hidden = Boolean(prompt);
    find('pin').value = '';
    if (!prompt) return;
    const account = prompt.externalReference ? ` Account no. ${prompt.externalReference}` : '';
    find('question').textContent = `Do you want to pay ${money(prompt)} to ${merchant}${account}?`;
    find('to').textContent = `On phone ${prompt.phone}`;
    find('said').textContent = '';
  };

  const refresh = () => {
    const lapsed = shown && !waiting.some(prompt => prompt.state === 'waiting' && prompt.reference === shown.reference);
    if (!shown || lapsed) {
      const next = waiting.find(prompt => prompt.state === 'waiting') ?? null;
      if (next !== shown) show(next);
      if (next) {
        find('said').textContent = `New prompt: pay ${money(next)}`;
        if (document.activeElement === document.body) find('pin').focus({ preventScroll: true });
      }
    }
    document.querySelectorAll('[data-action]').forEach(button => { button.disabled = !shown; });
    sync(find('waiting'), waiting, drawWaiting);
    find('waiting-none').hidden = waiting.length > 0;
    find('waiting-count').textContent = waiting.length;
  };

  const connected = live => {
    const link = find('link');
    const words = live ? (phone ? `Live, phone ${phone}` : 'Live, all phones') : 'The sandbox does not answer; trying again.';
    if (link.textContent !== words) link.textContent = words;
    link.classList.toggle('live', live);
    link.classList.toggle('lost', !live);
  };

  const load = async () => {
    try {
      const answer = await fetch(list, { cache: 'no-store' });
      if (!answer.ok) throw new Error(String(answer.status));
      const prompts = await answer.json();
      waiting = prompts.filter(prompt => prompt.state !== 'answered');
      const answered = prompts.filter(prompt => prompt.state === 'answered').slice(0, 30);
      refresh();
      sync(find('answered'), answered, drawAnswered);
      find('answered-none').hidden = answered.length > 0;
      connected(true);
    } catch {
      connected(false);
    }
  };

  const send = (method, path, body) => fetch(`${api}${path}`, {
    method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  });

  const answer = async action => {
    if (!shown || busy) return;
    busy = true;
    const { reference } = shown;
    const order = { action, delayMs: Number(find('delay').value) || 0, times: Number(find('times').value) || 1 };
    if (find('shape').value) order.shape = find('shape').value;
    try {
      const reply = await send('POST', `/prompts/${encodeURIComponent(reference)}/answer`, order);
      const problem = reply.ok ? null : await reply.json();
      await load();
      find('said').textContent = problem ? problem.detail : action === 'ignore' ? 'Ignored; it ends by itself.' : `${deeds[action]}.`;
    } catch {
      find('said').textContent = 'The answer did not reach the sandbox.';
    } finally {
      busy = false;
    }
  };

  find('prompt').addEventListener('submit', event => {
    event.preventDefault();
    if (/^\d{4}$/.test(find('pin').value)) {
      answer('pin');
    } else {
      find('said').textContent = 'The PIN has four digits.';
      find('pin').focus();
    }
  });
  find('cancel').addEventListener('click', () => answer('cancel'));
  document.querySelectorAll('[data-action]').forEach(button =>
    button.addEventListener('click', () => answer(button.dataset.action)));
  find('pushes').addEventListener('change', event =>
    send('PUT', '/payhero/behaviour', { pushes: event.target.value }).catch(() => connected(false)));

  const tick = () => {
    const now = new Date().toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    find('time').textContent = now;
    find('clock').textContent = now;
  };

  const loop = async () => {
    tick();
    await load();
    setTimeout(loop, 1000);
  };

  fetch(`${api}/payhero/behaviour`).then(reply => reply.json())
    .then(behaviour => { find('pushes').value = behaviour.pushes; }, () => connected(false));
  loop();
})();
