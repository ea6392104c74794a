// An administrator's screen in a real Chromium, with who may see it and who may not.
import type { Page } from 'playwright-core';
import { hostActor } from '../src/engine/actor.ts';
import { openDashboard } from './dashboard-site.ts';
import { expectRefused, visitorsOf } from './dashboard-visitor.ts';

/** Two organisations of one administrator, and a coordinator of the first, who is refused the screen. */
export async function openAdministration(path: string) {
  const site = await openDashboard();
  const [own, other] = [await site.organisation(), await site.organisation()];
  const admin = await site.person('org_admin', own, other);
  const coordinator = await site.person('coordinator', own);
  const visitors = visitorsOf(site, own);

  return {
    site,
    own,
    other,
    call: { orgId: own.orgId, actor: hostActor },
    path,
    admin,
    coordinator,
    visitors,
    /** Visitors of the other organisation. */
    elsewhere: visitorsOf(site, other),
    /** The screen as the administrator sees it. */
    async openPage(query = ''): Promise<Page> {
      const { page } = await visitors.open({ userId: admin });
      await visitors.visit(page, `${path}${query}`);
      return page;
    },
    /** The coordinator has no such screen; gives the page. */
    async expectRefusedToCoordinator(): Promise<Page> {
      const { page } = await visitors.open({ userId: coordinator });
      await visitors.visit(page, path);
      await expectRefused(page);
      return page;
    },
  };
}

/** The dialog that lies over a page. */
export const dialog = (page: Page) => page.getByRole('dialog');
