import { Socket } from 'node:net';

/**
 * A socket whose corked writes leave together once the event loop turns: statements that are pipelined go in one packet and
 * wake the database once. Measured: a packet each was a quarter of the server's work on a lone confirmation.
 */
export class GatheringSocket extends Socket {
  #isGathering = false;

  // `write` cannot be overridden: connecting puts the original back.
  override cork(): void {
    super.cork();
    if (this.#isGathering) return;
    this.#isGathering = true;
    super.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      super.uncork();
    });
  }
}
