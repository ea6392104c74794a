import type { StreamedEvent } from './operations.generated.ts';

/** One sign of life of a stream of events. */
export interface StreamSign {
  /** Where to go on from (`lastEventId`) when the stream has ended; null = the stream has given no place yet. */
  lastEventId: string | null;
  /** What happened; null = nothing, the stream is alive. */
  event: StreamedEvent | null;
}

/**
 * Reads the answer of `streamEvents`, sign by sign, until the server ends it (after five minutes at the latest) or the
 * request is aborted. Whoever goes on asks again with the last `lastEventId`, and misses nothing.
 */
export async function* readEvents(response: Response): AsyncGenerator<StreamSign, void, undefined> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  let lastEventId: string | null = null;
  let pending = '';
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const frames = (pending + part.value).split('\n\n');
      pending = frames.pop() ?? '';
      for (const frame of frames) {
        lastEventId = fieldOf(frame, 'id') ?? lastEventId;
        const data = fieldOf(frame, 'data');
        yield { lastEventId, event: data === null ? null : (JSON.parse(data) as StreamedEvent) };
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function fieldOf(frame: string, name: 'id' | 'data'): string | null {
  const line = frame.split('\n').find((one) => one.startsWith(`${name}: `));
  return line?.slice(name.length + 2) ?? null;
}
