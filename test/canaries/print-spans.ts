// For `node --import`: prints every span of the process on standard output, as a host's exporter would send it.
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { SimpleSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';

const exporter: SpanExporter = {
  export(spans, done) {
    for (const { name, attributes, events, status, links, resource } of spans) {
      process.stdout.write(`${JSON.stringify({ span: name, attributes, events, status, links, resource })}\n`);
    }
    done({ code: 0 });
  },
  shutdown: async () => undefined,
};
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
