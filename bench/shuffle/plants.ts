/**
 * One damage for each line of the list, done by the owner inside a transaction that is rolled back: a check that cannot
 * fail is no evidence. `name` is the line that must notice. $1 is the organisation.
 */
export interface Plant {
  readonly name: string;
  readonly damage: readonly string[];
}

const attribution = `(select id from verve.referral_attributions where org_id = '$1' and is_credited order by id limit 1)`;

export const plants: readonly Plant[] = [
  {
    name: 'Z1',
    damage: [
      `update verve.inbox_items set fact_seq = null where org_id = '$1'`,
      `delete from verve.attribution_facts where seq in (select seq from verve.attribution_facts where org_id = '$1' limit 200)`,
    ],
  },
  {
    name: 'Z2',
    damage: [
      'drop index verve.referral_attributions_one_current_per_source',
      `update verve.referral_attributions set source_id = (select source_id from verve.referral_attributions where id = ${attribution})
       where id = (select id from verve.referral_attributions where org_id = '$1' and is_credited order by id desc limit 1)`,
    ],
  },
  {
    name: 'Z3',
    damage: [
      'drop index verve.referral_codes_one_active_per_owner',
      `update verve.referral_codes set status = 'active', rotated_at = null where id =
       (select id from verve.referral_codes where org_id = '$1' and status = 'rotated' limit 1)`,
    ],
  },
  {
    name: 'Z4',
    damage: [
      'alter table verve.referral_codes drop constraint referral_codes_code_is_in_the_directory',
      `delete from verve.code_directory where code = (select code from verve.referral_codes where org_id = '$1' limit 1)`,
    ],
  },
  {
    name: 'Z5',
    damage: [`update verve.mentor_totals set credited = credited + 1 where org_id = '$1'`],
  },
  {
    name: 'Z6',
    damage: [`delete from verve.milestone_awards where org_id = '$1' and threshold = 1`],
  },
  {
    name: 'Z7',
    damage: [
      `delete from verve.webhook_deliveries where id = (select id from verve.webhook_deliveries where org_id = '$1' limit 1)`,
    ],
  },
  {
    name: 'Z8',
    damage: [
      `update verve.webhook_deliveries set status = 'parked', parked_at = now() where id =
       (select id from verve.webhook_deliveries where org_id = '$1' limit 1)`,
    ],
  },
  {
    name: 'Z9',
    damage: [
      'alter table verve.earned_badges drop constraint earned_badges_once_per_mentor',
      `insert into verve.earned_badges (org_id, mentor_id, badge_definition_id)
       select org_id, mentor_id, badge_definition_id from verve.earned_badges where org_id = '$1' limit 1`,
    ],
  },
  {
    name: 'Z10',
    damage: [
      'alter table verve.referral_attributions drop constraint referral_attributions_owner_is_the_codes_owner',
      `update verve.referral_attributions set owner_ref = gen_random_uuid()::text where id = ${attribution}`,
    ],
  },
  {
    name: 'Z11',
    damage: [
      `update verve.referral_attributions set status = 'reversed', reversed_at = now() where id = ${attribution}`,
    ],
  },
  {
    name: 'Z12',
    damage: [
      'alter table verve.referral_attributions drop constraint referral_attributions_credit_has_a_day',
      `update verve.referral_attributions set credited_day = null where id = ${attribution}`,
    ],
  },
  {
    name: 'differences',
    damage: [`delete from verve.inbox_items where org_id = '$1' and kind = 'conflict'`],
  },
];
