// Loaded into a server under load (`node --import`): says, when its parent asks, what held its event loop up since it was
// told to begin.
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
let cpuBefore = process.cpuUsage();
let collections = { count: 0, longestMs: 0, totalMs: 0 };
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    collections.count += 1;
    collections.totalMs += duration;
    collections.longestMs = Math.max(collections.longestMs, duration);
  }
}).observe({ entryTypes: ['gc'] });

process.on('message', (order) => {
  if (order === 'begin') {
    delay.reset();
    collections = { count: 0, longestMs: 0, totalMs: 0 };
    cpuBefore = process.cpuUsage();
    return;
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const milliseconds = (percentile: number): number => delay.percentile(percentile) / 1e6 - 1;
  process.send?.({
    eventLoopDelayMs: { p99: milliseconds(99), p999: milliseconds(99.9), max: delay.max / 1e6 - 1 },
    collections,
    cpuSeconds: (user + system) / 1e6,
  });
  process.disconnect?.();
});
process.channel?.unref();
