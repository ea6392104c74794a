import { api } from '../../api.ts';

/** What the mentors in scope are called, by id. */
export async function loadMentorNames(): Promise<ReadonlyMap<string, string>> {
  const { data } = await api.getMentorsReport({});
  return new Map(data.map((row) => [row.mentor_id, row.display_name]));
}
