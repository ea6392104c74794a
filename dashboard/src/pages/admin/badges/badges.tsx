import { useState } from 'react';
import type { BadgeDefinition } from '../../../../../src/client/index.ts';
import { api } from '../../../api.ts';
import { StarIcon } from '../../../icons.tsx';
import { ConfirmDialog } from '../../../parts/confirm-dialog.tsx';
import { tell } from '../../../parts/message.tsx';
import { PageHead } from '../../../parts/page.tsx';
import { Empty, Shown } from '../../../parts/states.tsx';
import { say } from '../../../say.ts';
import { useLoad } from '../../../use-load.ts';
import { BackfillCard } from './backfill-card.tsx';
import { BadgeDialog } from './badge-dialog.tsx';
import { MilestonesCard } from './milestones-card.tsx';

async function loadBadges(): Promise<{ badges: BadgeDefinition[]; thresholds: number[] }> {
  const [definitions, { thresholds }] = await Promise.all([
    api.listBadgeDefinitions({ query: { limit: 200, include_archived: 'true' } }),
    api.listMilestones(),
  ]);
  const rank = ({ archived_at: archived }: BadgeDefinition): number => (archived === null ? 0 : 1);
  const badges = definitions.data.sort(
    (one, other) => rank(one) - rank(other) || one.criteria_value - other.criteria_value,
  );
  return { badges, thresholds };
}

type Open = { dialog: 'edit'; badge: BadgeDefinition | null } | { dialog: 'archive'; badge: BadgeDefinition } | null;

/** Badges and milestones: what is there, a new one, a change, an end; and granting what was passed before. */
export function BadgeDefinitionsPage() {
  const loaded = useLoad('badge definitions', loadBadges);
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  const done = (text: string): void => {
    tell(text);
    close();
    loaded.reload();
  };
  return (
    <>
      <PageHead title={say('nav.admin.badges')} intro={say('badge.intro')}>
        <button type="button" className="btn sm" onClick={() => setOpen({ dialog: 'edit', badge: null })}>
          {say('badge.add')}
        </button>
      </PageHead>
      <div className="cols two">
        <Shown loaded={loaded} lines={4}>
          {({ badges }) =>
            badges.length === 0 ? (
              <Empty title={say('badge.none')} />
            ) : (
              <ul className="card lined">
                {badges.map((badge) => (
                  <Badge key={badge.id} badge={badge} onOpen={setOpen} />
                ))}
              </ul>
            )
          }
        </Shown>
        <div className="stack g24">
          <Shown loaded={loaded} lines={2}>
            {({ thresholds }) => <MilestonesCard thresholds={thresholds} onSaved={loaded.reload} />}
          </Shown>
          <BackfillCard />
        </div>
      </div>
      {open?.dialog === 'edit' && (
        <BadgeDialog badge={open.badge} onClose={close} onSaved={() => done(say('badge.saved'))} />
      )}
      {open?.dialog === 'archive' && (
        <ConfirmDialog
          title={say('badge.archive.title', { name: open.badge.name })}
          act={say('badge.archive')}
          onClose={close}
          onAct={async () => {
            await api.archiveBadgeDefinition({ path: { id: open.badge.id } });
            done(say('badge.archived'));
          }}
        >
          <p>{say('badge.archive.text')}</p>
          <p>{say('admin.cannotUndo')}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Badge({ badge, onOpen }: { badge: BadgeDefinition; onOpen: (open: Open) => void }) {
  const { name, description, criteria_value: count, archived_at: archivedAt } = badge;
  return (
    <li className="row wrap">
      <StarIcon />
      <div className="stack g4 grow">
        <h2 className="item breakable">
          {name} {archivedAt !== null && <span className="tag outline">{say('badge.isArchived')}</span>}
        </h2>
        <p className="small sub">{say('badges.takes', { n: count })}</p>
        {description !== '' && <p className="small breakable">{description}</p>}
      </div>
      {archivedAt === null && (
        <div className="row g8 wrap">
          <button
            type="button"
            className="btn neutral sm"
            aria-label={`${say('badge.change')}: ${name}`}
            onClick={() => onOpen({ dialog: 'edit', badge })}
          >
            {say('form.change')}
          </button>
          <button
            type="button"
            className="btn neutral sm"
            aria-label={`${say('badge.archive')}: ${name}`}
            onClick={() => onOpen({ dialog: 'archive', badge })}
          >
            {say('badge.archive')}
          </button>
        </div>
      )}
    </li>
  );
}
