import type { Publish } from '../database.ts';
import type { EventType, RecordedEvent } from './event.ts';

/** The typed stream of committed events in this process. For what must not be missed, use the outbox. */
export interface EventStream {
  /** Hears events of one type, or of all with `'*'`. Gives the function that ends the subscription. */
  on(type: EventType | '*', listener: (event: RecordedEvent) => void): () => void;
}

/** Makes a stream and the function that feeds it. A listener that throws is told to `onFault` and stops nobody else. */
export function createEventStream(onFault: (error: unknown) => void): {
  stream: EventStream;
  publish: Publish;
  endSubscriptions: () => void;
} {
  const listeners = new Map<string, Set<(event: RecordedEvent) => void>>();
  const call = (listener: (event: RecordedEvent) => void, event: RecordedEvent) => {
    try {
      listener(event);
    } catch (error) {
      onFault(error);
    }
  };
  return {
    stream: {
      on(type, listener) {
        const heard = listeners.get(type) ?? new Set();
        heard.add(listener);
        listeners.set(type, heard);
        return () => {
          heard.delete(listener);
        };
      },
    },
    endSubscriptions: () => listeners.clear(),
    publish(events) {
      for (const event of events) {
        for (const listener of listeners.get(event.type) ?? []) call(listener, event);
        for (const listener of listeners.get('*') ?? []) call(listener, event);
      }
    },
  };
}
