import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '../engine/actor.ts';
import { scopes } from '../engine/permissions.ts';
import type { Verve } from '../engine/verve.ts';
import { signInUrl } from '../http/dashboard/sign-in-url.ts';

/** What a newcomer is told at the very first start. */
export interface FirstSteps {
  readonly organisation: string;
  readonly apiKey: string;
  /** Signs the first administrator in to the dashboard, once, within 15 minutes. */
  readonly signInUrl: string;
  /** The walk through the main job, as a shell script; also written into the data folder. */
  readonly script: string;
  readonly scriptPath: string;
}

const actor: Actor = { kind: 'system', name: 'first start' };
const slug = 'provelaget';

/**
 * Makes an organisation to try things in, with one mentor, a key and a webhook secret, where there is no organisation
 * yet. Safe to repeat: afterwards there is one, and it answers null. The script holds the key, so only its owner may
 * read the file.
 */
export async function prepareFirstSteps(
  verve: Verve,
  where: { publicUrl: string; dataDir: string },
): Promise<FirstSteps | null> {
  if ((await verve.organisations.listIds()).length > 0) return null;
  const { orgId } = await verve.organisations.create({ actor, slug, name: 'Prøvelaget' });
  const made = await verve.mentors.create({ orgId, actor, displayName: 'Solveig Fjell' });
  if (made.outcome !== 'created') throw new Error(`the first mentor could not be made: ${made.outcome}`);
  const signing = await verve.secrets.rotateInboundSecret({ orgId, actor, purpose: 'webhook_signing' });
  const key = await verve.apiKeys.create({ orgId, actor, name: 'first start', scopes: [...scopes] });
  const userId = crypto.randomUUID();
  await verve.roles.grant({ orgId, actor, userId, role: 'org_admin' });
  const link = await verve.signIn.makeLink({ orgId, actor, userId });
  const script = writeWalk({
    url: where.publicUrl,
    apiKey: key.secret,
    secret: signing.value ?? '',
    mentorId: made.mentor.mentorId,
  });
  const scriptPath = join(where.dataDir, 'first-steps.sh');
  await writeFile(scriptPath, script, { mode: 0o600 });
  return {
    organisation: slug,
    apiKey: key.secret,
    signInUrl: signInUrl(where.publicUrl, slug, link.token),
    script,
    scriptPath,
  };
}

/** The walk: a code, an opening, a registration, a signed confirmation, the explanation. Needs only curl and node. */
function writeWalk(given: { url: string; apiKey: string; secret: string; mentorId: string }): string {
  return `#!/bin/sh
# From a mentor's code to a credited member. Run it again: nobody is credited twice.
URL=${given.url}
KEY=${given.apiKey}
SECRET=${given.secret}
api() { curl -sS -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' "$@"; }
pick() { node -pe "JSON.parse(require('fs').readFileSync(0, 'utf8'))$1"; }

# 1. A mentor asks for a code.
CODE=$(api $URL/api/v1/referral-codes -d '{"mentor_id":"${given.mentorId}"}' | pick .code)
echo "1. Solveig's code is $CODE"

# 2. Somebody opens the link.
echo "2. The link answers $(curl -sS -o /dev/null -w '%{http_code}' -A 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)' $URL/r/$CODE)"

# 3. They register.
REF=$(api $URL/api/v1/registrations -d "{\\"code\\":\\"$CODE\\"}" | pick .registration_ref)
echo "3. Registered under the reference $REF"

# 4. Weeks later the membership system confirms, with the code and the reference, in a signed delivery.
BODY="{\\"status\\":\\"confirmed\\",\\"external_member_id\\":\\"10293\\",\\"referral_code\\":\\"$CODE\\",\\"registration_ref\\":\\"$REF\\"}"
ID=msg_$(node -p "crypto.randomUUID()")
TIME=$(date +%s)
SIGNATURE=$(node -e 'const [id, time, body, secret] = process.argv.slice(1);
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  console.log(require("crypto").createHmac("sha256", key).update(id + "." + time + "." + body).digest("base64"))' \\
  "$ID" "$TIME" "$BODY" "$SECRET")
ANSWER=$(curl -sS $URL/api/v1/webhooks/membership/${slug} -H 'Content-Type: application/json' \\
  -H "webhook-id: $ID" -H "webhook-timestamp: $TIME" -H "webhook-signature: v1,$SIGNATURE" -d "$BODY")
echo "4. The webhook answers $(echo "$ANSWER" | pick .results[0].result)"

# 5. Why is she credited?
ATTRIBUTION=$(api "$URL/api/v1/referral-attributions" | pick '.data.find((row) => row.status === "confirmed").id')
echo "5. $(api $URL/api/v1/referral-attributions/$ATTRIBUTION/explanation | pick .sentence)"
`;
}
