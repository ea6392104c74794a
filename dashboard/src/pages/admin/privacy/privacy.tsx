import { useState } from 'react';
import { PageHead } from '../../../parts/page.tsx';
import { say } from '../../../say.ts';
import { Held } from './held.tsx';
import { PersonSearch, type Subject } from './person-search.tsx';
import { Retention } from './retention.tsx';

/** Reading and erasing what is held about one person, and how long everything is kept. */
export function PrivacyPage() {
  const [subject, setSubject] = useState<Subject | null>(null);
  return (
    <>
      <PageHead title={say('nav.admin.privacy')} intro={say('privacy.intro')} />
      <div className="cols two">
        <div className="stack g24">
          <PersonSearch onChosen={setSubject} />
          {subject !== null && <Held key={`${subject.kind} ${subject.id}`} subject={subject} />}
        </div>
        <Retention />
      </div>
    </>
  );
}
