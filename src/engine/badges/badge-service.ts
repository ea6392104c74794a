import type { EventType, RecordedEvent } from '../events/event.ts';
import type { EventStream } from '../events/stream.ts';

export { acknowledgeEarned as acknowledgeBadges } from './repository.ts';

/** What is told to a badge service. */
export type BadgeEventType = Extract<EventType, 'milestone.reached' | 'milestone.revoked' | 'badge.awarded'>;

const TOLD: readonly BadgeEventType[] = ['milestone.reached', 'milestone.revoked', 'badge.awarded'];

/** A badge service as Verve sees it: something that can be told, and may fail. (Spec §4) */
export interface BadgeService {
  notifyBadgeService(mentorId: string, eventType: BadgeEventType, event: RecordedEvent): Promise<void>;
}

/**
 * Tells a badge service of the host's own of every committed milestone and badge. It hears after the commit and is
 * waited for by nobody: what it throws goes to `onFault`, and can neither delay nor undo a confirmation. What must not
 * be missed is told by an endpoint of kind `badge_service` instead, which is the default. Gives the function that ends it.
 */
export function subscribeBadgeService(options: {
  stream: EventStream;
  badgeService: BadgeService;
  onFault: (error: unknown) => void;
}): () => void {
  const { stream, badgeService, onFault } = options;
  const tell = (event: RecordedEvent) => {
    const { mentorId, type } = event;
    if (mentorId === null) return;
    void (async () => badgeService.notifyBadgeService(mentorId, type as BadgeEventType, event))().catch(onFault);
  };
  const ends = TOLD.map((type) => stream.on(type, tell));
  return () => {
    for (const end of ends) end();
  };
}
