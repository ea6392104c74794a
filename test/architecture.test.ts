import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as rules from './architecture-rules.ts';
import { parseSourceFile, readSourceFiles } from './source-files.ts';

const files = readSourceFiles();

describe('the house', () => {
  test.each(Object.entries(rules))('%s', (_, rule) => {
    expect(rule(files)).toEqual([]);
  });
});

test('the dashboard imports nothing of ours but the generated client', () => {
  const folder = fileURLToPath(new URL('../dashboard/src/', import.meta.url));
  const breaches = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .flatMap((path) => {
      const { imports, packages } = parseSourceFile(path, readFileSync(`${folder}${path}`, 'utf8'));
      const outside = imports.filter((target) => target.startsWith('..') && target !== '../../src/client/index.ts');
      const foreign = packages.filter((name) => !/^react(-dom)?(\/|$)/.test(name));
      return [...outside, ...foreign].map((target) => `${path} imports ${target}`);
    });
  expect(breaches).toEqual([]);
});

describe('the rules notice', () => {
  const breach = (rule: rules.Rule, path: string, text: string): string[] => rule([parseSourceFile(path, text)]);

  test('an import of a storey above', () => {
    const text = "import { serve } from '../server/serve.ts';";
    expect(breach(rules.importsPointDown, 'engine/verve.ts', text)).toHaveLength(1);
    expect(breach(rules.importsPointDown, 'cli/serve.ts', text)).toEqual([]);
  });

  test('Node in the engine, also spread over lines and without a name', () => {
    expect(breach(rules.runsAnywhere, 'engine/a.ts', "import {\n  hash,\n} from 'node:crypto';")).toHaveLength(1);
    expect(breach(rules.runsAnywhere, 'http/a.ts', "import 'pg';")).toHaveLength(1);
    expect(breach(rules.runsAnywhere, 'connectors/a.ts', 'const x = process.env.X;')).toHaveLength(1);
    expect(breach(rules.runsAnywhere, 'server/a.ts', "import 'node:fs';")).toEqual([]);
  });

  test('SQL outside of a repository, but not in a comment', () => {
    const text = 'const rows = await session.query(`\n  select id from verve.mentors`);';
    expect(breach(rules.sqlStaysInRepositories, 'engine/mentors/service.ts', text)).toHaveLength(1);
    expect(breach(rules.sqlStaysInRepositories, 'engine/mentors/repository.ts', text)).toEqual([]);
    expect(breach(rules.sqlStaysInRepositories, 'engine/mentors/service.ts', "// 'select 1'")).toEqual([]);
  });

  test('a repository that reaches into another noun, the events apart', () => {
    const importing = (noun: string): string => `import { find } from '../${noun}/repository.ts';`;
    expect(breach(rules.repositoriesStayApart, 'engine/codes/repository.ts', importing('mentors'))).toHaveLength(1);
    expect(breach(rules.repositoriesStayApart, 'engine/codes/repository.ts', importing('events'))).toEqual([]);
  });

  test('a circle', () => {
    const circle = [
      parseSourceFile('engine/a.ts', "import { b } from './b.ts';"),
      parseSourceFile('engine/b.ts', "export { a } from './a.ts';"),
    ];
    expect(rules.hasNoCycles(circle)).toEqual(['engine/a.ts → engine/b.ts → engine/a.ts']);
  });

  test('a folder that could hold anything', () => {
    expect(breach(rules.namesSayWhatIsInside, 'engine/utils/date.ts', '')).toHaveLength(1);
    expect(breach(rules.namesSayWhatIsInside, 'engine/codes/generateCode.ts', '')).toHaveLength(1);
  });
});
