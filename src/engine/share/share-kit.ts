// What a mentor needs to pass the link on: a ready text and the right address for every channel. We never send anything.
import type { LinkRefusal } from '../links/link-domain.ts';
import { channelUrl, type ShareableUrlInput } from '../links/shareable-url.ts';
import type { Say } from '../words/words.ts';
import { type ShareChannel, shareChannels } from './channels.ts';

/** One way to share. */
export interface ShareItem {
  channel: ShareChannel;
  /** The channel's own link to the join page. */
  url: string;
  /** The text to send, in the organisation's words, with the link in it. */
  text: string;
  /** Subject line, for e-mail and share sheets. */
  subject: string;
  /**
   * Address that opens the channel with the text filled in; null = this channel has none (print, copying, the phone's own
   * share sheet).
   */
  openUrl: string | null;
}

export type ShareKit = { outcome: 'kit'; items: ShareItem[] } | { outcome: 'refused'; code: LinkRefusal };

/** The phone's kind: iOS has an SMS address of its own. (`other` serves both.) */
export type SharePlatform = 'ios' | 'android' | 'other';

export interface ShareKitOptions {
  /** For addresses of messaging apps. (Default: 'other'.) */
  platform?: SharePlatform;
  /** The organisation's app id at Facebook, which Messenger on the web needs; null = none, Messenger on phones only. */
  facebookAppId?: string | null;
}

/** One item for every channel, in the order in which they are listed. Text holds organisation, term and link, no name. */
export function makeShareKit(link: ShareableUrlInput, say: Say, options: ShareKitOptions = {}): ShareKit {
  const items: ShareItem[] = [];
  for (const channel of shareChannels) {
    const made = channelUrl(link, channel);
    if (made.outcome !== 'url') return made;
    const { url } = made;
    const message = { url, text: say('share.message', { url }), subject: say('share.subject') };
    items.push({ channel, ...message, openUrl: openUrl(channel, message, options) });
  }
  return { outcome: 'kit', items };
}

/** The channel's address scheme, as its owner documents it (links-qr-sharing §3.7). Blanks are %20, never a plus sign. */
function openUrl(
  channel: ShareChannel,
  message: { url: string; text: string; subject: string },
  { platform = 'other', facebookAppId = null }: ShareKitOptions,
): string | null {
  const text = encodeURIComponent(message.text);
  const url = encodeURIComponent(message.url);
  switch (channel) {
    case 'whatsapp':
      return `https://wa.me/?text=${text}`;
    case 'sms':
      return `sms:${{ ios: '&', android: '?', other: '?&' }[platform]}body=${text}`;
    case 'email':
      return `mailto:?subject=${encodeURIComponent(message.subject)}&body=${encodeURIComponent(message.text.replace(/\r?\n/g, '\r\n'))}`;
    case 'messenger':
      if (platform !== 'other' || facebookAppId === null) return `fb-messenger://share/?link=${url}`;
      return `https://www.facebook.com/dialog/send?app_id=${encodeURIComponent(facebookAppId)}&link=${url}&redirect_uri=${url}`;
    case 'facebook':
      return `https://www.facebook.com/sharer/sharer.php?u=${url}`;
    case 'qr':
    case 'poster':
    case 'copy':
    case 'other':
      return null;
  }
}
