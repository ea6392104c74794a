import { say } from '../say.ts';
import { tell } from './message.tsx';

/** Copies a link or code, and says so; where the browser refuses, shows it for the hand. @returns whether it was copied. */
export async function copyLink(link: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(link);
  } catch {
    tell(say('common.notCopied', { text: link }));
    return false;
  }
  tell(say('common.linkCopied'));
  return true;
}
