/** The address of a sign-in link, as it is sent. */
export function signInUrl(publicUrl: string, slug: string, token: string): string {
  return `${publicUrl}/app/sign-in/${slug}.${token}`;
}
