/** Where a file of the folder supabase/ is, in a clone and in the package alike. */
export function templateUrl(path: string): URL {
  return new URL(`../../../supabase/${path}`, import.meta.url);
}
