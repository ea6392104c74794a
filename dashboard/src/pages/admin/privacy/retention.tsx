import { Shown } from '../../../parts/states.tsx';
import { Link } from '../../../router.tsx';
import { say } from '../../../say.ts';
import { readRules, sayValue } from '../rules/rules-form.ts';
import { settingSections } from '../rules/setting-list.ts';
import { useOrganisation } from '../use-organisation-form.ts';

const periods = settingSections.find(({ key }) => key === 'rules.retention')?.settings ?? [];

/** How long each kind of data is kept here, and what stays. */
export function Retention() {
  const loaded = useOrganisation();
  return (
    <section className="card stack" aria-labelledby="privacy-kept">
      <h2 id="privacy-kept">{say('rules.retention')}</h2>
      <Shown loaded={loaded} lines={5}>
        {(organisation) => {
          const values = readRules(organisation);
          return (
            <dl className="privacy-periods">
              {periods.map((setting) => (
                <div key={setting.name}>
                  <dt>{say(`kept.${setting.name.split('.').at(-1)}` as 'kept.click_days')}</dt>
                  <dd>{sayValue(setting, values[setting.name] ?? '')}</dd>
                </div>
              ))}
            </dl>
          );
        }}
      </Shown>
      <p className="small sub">{say('privacy.stays')}</p>
      <Link className="small" to="/admin/rules">
        {say('privacy.toRules')}
      </Link>
      <Link className="small" to="/admin/off-boarding">
        {say('leave.link')}
      </Link>
    </section>
  );
}
