import { Registry } from 'prom-client';
import { createDataverseConnections } from '../connectors/dataverse/connections.ts';
import { reconcileOrganisation } from '../connectors/dataverse/reconcile-organisation.ts';
import { createDeliveryReader, understoodOf } from '../connectors/understand-delivery.ts';
import { createVerve } from '../engine/verve.ts';
import { createDashboard } from '../http/dashboard/dashboard.ts';
import { answerFrontDoor } from '../http/dashboard/front-door.ts';
import { createHandler } from '../http/handler.ts';
import { problemPage } from '../http/pages/problem-page.ts';
import { createPublicPages } from '../http/pages/public-pages.ts';
import { answerShortLink } from '../http/redirect.ts';
import { createRateLimiter } from '../http/requests/rate-limit.ts';
import { startBackground } from './background.ts';
import { listenToLinkChanges, openClickConnection } from './click-connection.ts';
import { clientAddressOf } from './client-address.ts';
import { readDashboardFiles } from './dashboard-files.ts';
import { nodeEncrypt } from './encrypt.ts';
import { createFastRedirect } from './fast-redirect.ts';
import { prepareFirstSteps } from './first-steps.ts';
import { createJoinTargetProbe } from './join-target-probe.ts';
import { keepStatistics } from './keep-statistics.ts';
import { nodeKeyedHash } from './keyed-hash.ts';
import { createMailer } from './mail.ts';
import { countFacts, createServerMetrics } from './metrics.ts';
import { guardMetrics } from './metrics-access.ts';
import { makeReadings } from './readings.ts';
import type { Application, ApplicationParts } from './serve.ts';
import { trackWorkAfterAnswers } from './work-after-answers.ts';

/** Puts the product together over a database that is ready. */
export async function makeApplication(parts: ApplicationParts): Promise<Application> {
  const { config, pool, secrets, logger, publicUrl, databaseUrl } = parts;
  const registry = new Registry();
  const store = openClickConnection({ connectionString: databaseUrl });
  const verve = createVerve({
    database: pool,
    secret: secrets,
    logger,
    clickStore: store,
    keyedHash: nodeKeyedHash,
    encrypt: nodeEncrypt,
    onFacts: countFacts(registry),
    allowLoopbackEndpoints: config.allowLoopbackWebhooks,
  });
  const changes = listenToLinkChanges({
    connectionString: databaseUrl,
    onChange: (change) => verve.clicks.forget(change),
    onGap: () => undefined, // what was missed meanwhile is forgotten within five seconds anyway
  });
  const dataverse = createDataverseConnections(verve, { trustedHosts: config.dataverseHosts });
  const readDelivery = createDeliveryReader(verve, dataverse);
  const background = await startBackground({
    verve,
    pool,
    publicUrl,
    logger,
    registry,
    allowLoopback: config.allowLoopbackWebhooks,
    mail:
      config.mail === null
        ? null
        : {
            mailer: createMailer(config.mail),
            url: `${publicUrl}/app`, // whoever is not signed in is asked to first
            onLost: (lost) => logger.warn(lost, 'A letter of the digest did not go.'),
          },
    understand: async (delivery) => understoodOf(await readDelivery(delivery)),
    reconcile: (call) => reconcileOrganisation(verve, dataverse, { ...call, trigger: 'schedule' }),
  });

  const statistics = keepStatistics({ verve, pool, logger });

  const addresses = new WeakMap<Request, string>();
  const peers = new WeakMap<Request, string>();
  const clientAddress = (request: Request): string => addresses.get(request) ?? '';
  const limiter = createRateLimiter();
  const isTargetUp = createJoinTargetProbe();
  const pages = createPublicPages({ verve, limiter, clientAddress, publicUrl, logger, isTargetUp });
  const files = await readDashboardFiles();
  const sendLetter = config.mail === null ? null : createMailer(config.mail).send;
  const afterwards = trackWorkAfterAnswers();
  const addWork = afterwards.add;
  const dashboard = createDashboard({ verve, limiter, clientAddress, publicUrl, logger, files, sendLetter, addWork });
  const handler = createHandler(verve, {
    publicUrl,
    clientAddress,
    origins: config.origins,
    stopping: parts.stopping,
    issuers: config.tokens === null ? [] : [config.tokens],
    dataverse,
    startImport: ({ orgId, importId }) => background.jobs.runNow('import', { orgId, subjectId: importId }),
    metrics: guardMetrics(
      createServerMetrics({ registry, events: verve.events, readings: makeReadings(verve, pool) }),
      { token: config.metricsToken, peerOf: (request) => peers.get(request) ?? '' },
    ),
    showProblem: (request, status) => problemPage(request, status, { signInUrl: '/app' }),
    fallback: async (request) =>
      (await answerShortLink(request, { clicks: verve.clicks, address: clientAddress(request) })) ??
      (await dashboard(request)) ??
      (await pages(request)) ??
      answerFrontDoor(request),
  });

  const firstSteps = parts.isEmbedded ? await prepareFirstSteps(verve, { publicUrl, dataDir: config.dataDir }) : null;
  return {
    firstSteps,
    intercept: createFastRedirect({
      clicks: verve.clicks,
      addressOf: ({ socket, headers }) => {
        const forwarded = config.trustedProxies === 0 ? undefined : headers['x-forwarded-for'];
        return clientAddressOf(socket.remoteAddress ?? '', forwarded?.toString() ?? null, config.trustedProxies);
      },
    }),
    handler(request, address) {
      peers.set(request, address);
      addresses.set(request, clientAddressOf(address, request.headers.get('x-forwarded-for'), config.trustedProxies));
      return handler(request);
    },
    async close() {
      await Promise.all([verve.clicks.flush(), afterwards.finish(5_000)]);
      await Promise.all([background.close(), statistics.close()]);
      await Promise.all([changes.close(), store.close()]);
    },
  };
}
