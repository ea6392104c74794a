/** A body of JSON lines, and what writes it. */
export interface ExportLines {
  readonly body: ReadableStream<Uint8Array>;
  /** Writes one line and waits until the reader has room for another. Rejects when the reader has left, or takes too long. */
  readonly write: (line: object) => Promise<void>;
  readonly close: () => void;
  /** Ends the body so that its reader sees it was cut off. */
  readonly abort: (reason: unknown) => void;
}

/**
 * Lines of JSON at the reader's pace. What is read behind them holds a transaction open, so a reader that takes nothing for
 * `patienceMs`, or is not through after `longestMs`, is cut off.
 */
export function createExportLines({ patienceMs, longestMs }: { patienceMs: number; longestMs: number }): ExportLines {
  const encoder = new TextEncoder();
  const endsAt = Date.now() + longestMs;
  let hasLeft = false;
  let room = makeRoom();
  let stream: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      stream = controller;
    },
    pull: () => room.resolve(),
    cancel() {
      hasLeft = true;
      room.reject(new Error('the reader of an export has left'));
    },
  });

  return {
    body,
    async write(line) {
      if (hasLeft) throw new Error('the reader of an export has left');
      stream.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      if ((stream.desiredSize ?? 0) > 0) return;
      room = makeRoom();
      const waitMs = Math.max(0, Math.min(patienceMs, endsAt - Date.now()));
      const timer = setTimeout(room.reject, waitMs, new Error('the reader of an export takes too long'));
      await room.promise.finally(() => clearTimeout(timer));
    },
    close: () => stream.close(),
    abort: (reason) => stream.error(reason),
  };
}

/** A reader may leave while nobody waits for room: the next write tells. */
function makeRoom(): PromiseWithResolvers<void> {
  const room = Promise.withResolvers<void>();
  room.promise.catch(() => undefined);
  return room;
}
