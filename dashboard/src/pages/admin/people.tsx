import { useState } from 'react';
import type { Branch, Role } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { tell } from '../../parts/message.tsx';
import { PageHead } from '../../parts/page.tsx';
import { Shown } from '../../parts/states.tsx';
import { say } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { AccessDialog } from './access-dialog.tsx';
import { AddressDialog } from './address-dialog.tsx';

interface People {
  me: string | null;
  roles: Role[];
  branches: Branch[];
}

async function loadPeople(): Promise<People> {
  const [me, roles, branches] = await Promise.all([
    api.getMe(),
    everyRole(),
    api.listBranches({ query: { limit: 200 } }),
  ]);
  return { me: me.user_id, roles, branches: branches.data };
}

async function everyRole(): Promise<Role[]> {
  const found: Role[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await api.listRoles({ query: { limit: 200, ...(cursor === undefined ? {} : { cursor }) } });
    found.push(...page.data);
    cursor = page.next_cursor ?? null;
  }
  return found;
}

type Open =
  | { dialog: 'access'; userId: string | null }
  | { dialog: 'address'; userId: string }
  | { dialog: 'take'; role: Role }
  | null;

/** Who may look and act here, over which branches, and where their sign-in links go. */
export function PeoplePage() {
  const loaded = useLoad('people', loadPeople);
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  const branches = loaded.data?.branches ?? [];
  const done = (text: string): void => {
    tell(text);
    close();
    loaded.reload();
  };
  return (
    <>
      <PageHead title={say('people.title')} intro={say('people.intro')}>
        <button type="button" className="btn sm" onClick={() => setOpen({ dialog: 'access', userId: null })}>
          {say('people.add')}
        </button>
      </PageHead>
      <Shown loaded={loaded} lines={4}>
        {({ me, roles }) => (
          <ul className="card lined">
            {[...Map.groupBy(roles, ({ user_id: userId }) => userId)].map(([userId, held]) => (
              <Person
                key={userId}
                userId={userId}
                isMe={userId === me}
                roles={held}
                branches={branches}
                onOpen={setOpen}
              />
            ))}
          </ul>
        )}
      </Shown>
      {open?.dialog === 'access' && (
        <AccessDialog
          userId={open.userId}
          branches={branches}
          onClose={close}
          onGiven={() => done(say('people.given'))}
        />
      )}
      {open?.dialog === 'address' && <AddressDialog userId={open.userId} onClose={close} onDone={done} />}
      {open?.dialog === 'take' && (
        <ConfirmDialog
          title={say('people.take.title', { role: nameOf(open.role, branches) })}
          act={say('people.take')}
          onClose={close}
          onAct={async () => {
            await api.revokeRole({ path: { id: open.role.id } });
            done(say('people.taken'));
          }}
        >
          <p>{say('people.take.text')}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Person({
  userId,
  isMe,
  roles,
  branches,
  onOpen,
}: {
  userId: string;
  isMe: boolean;
  roles: readonly Role[];
  branches: readonly Branch[];
  onOpen: (open: Open) => void;
}) {
  return (
    <li className="stack g8">
      <h2 className="item breakable">
        {say('admin.account', { id: userId })} {isMe && <span className="tag info">{say('people.you')}</span>}
      </h2>
      <ul className="stack g4">
        {roles.map((role) => {
          const name = nameOf(role, branches);
          const isOwnOffice = isMe && role.role === 'org_admin';
          return (
            <li key={role.id} className="row between wrap">
              <span>{name}</span>
              {!isOwnOffice && (
                <button
                  type="button"
                  className="btn neutral sm"
                  aria-label={say('people.takeLabel', { role: name })}
                  onClick={() => onOpen({ dialog: 'take', role })}
                >
                  {say('people.take')}
                </button>
              )}
            </li>
          );
        })}
      </ul>
      <div className="row g8 wrap">
        <button type="button" className="linkish small" onClick={() => onOpen({ dialog: 'access', userId })}>
          {say('people.addRole')}
        </button>
        <button type="button" className="linkish small" onClick={() => onOpen({ dialog: 'address', userId })}>
          {say('people.address')}
        </button>
      </div>
    </li>
  );
}

/** `Koordinator, Vestland og alt under`. */
function nameOf({ role, branch_id: branchId }: Role, branches: readonly Branch[]): string {
  const name = say(`people.role.${role}`);
  if (role !== 'coordinator') return name;
  const branch = branches.find(({ id }) => id === branchId)?.name;
  if (branchId === null) return `${name}, ${say('people.scope.all').toLocaleLowerCase()}`;
  return `${name}, ${say('people.scope.below', { branch: branch ?? branchId })}`;
}
