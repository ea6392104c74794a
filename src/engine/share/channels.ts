/** The ways a mentor passes the link on (specification §1). */
export const shareChannels = [
  'whatsapp',
  'sms',
  'email',
  'messenger',
  'facebook',
  'qr',
  'poster',
  'copy',
  'other',
] as const;
export type ShareChannel = (typeof shareChannels)[number];

/**
 * The letter that a link carries for its channel, as the path segment after the code: `/r/3PKCM78AQS/w`. The code
 * itself never changes. Letters are permanent: printed and sent links keep them. `q` is implied by `/Q/CODE`.
 */
export const channelLetters: Readonly<Record<ShareChannel, string>> = {
  whatsapp: 'w',
  sms: 's',
  email: 'e',
  messenger: 'm',
  facebook: 'f',
  qr: 'q',
  poster: 'p',
  copy: 'c',
  other: 'o',
};

/** The channel of a link's letter, in either case; null = not a channel letter. */
export function channelOfLetter(letter: string): ShareChannel | null {
  const wanted = letter.toLowerCase();
  return shareChannels.find((channel) => channelLetters[channel] === wanted) ?? null;
}
