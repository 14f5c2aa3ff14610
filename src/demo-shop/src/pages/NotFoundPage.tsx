import { follow } from '../shop/router.js';
import { Frame } from './Frame.js';

export function NotFoundPage() {
  return (
    <Frame title="Not here">
      <div className="intro">
        <h1>There is nothing at this address.</h1>
        <p>
          <a href="/" onClick={follow}>
            To all events
          </a>
        </p>
      </div>
    </Frame>
  );
}
