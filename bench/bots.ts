// `npm run bench:bots`: the traffic classes against public lists of agents. How many crawlers and link previews would count as
// people, and how many people's browsers would be refused. The lists are development-time data (docs/clicks.md).
import { measureAgents } from '../test/agent-lists.ts';

const { crawlers, people } = measureAgents();
const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;

console.log(
  `crawlers and previews     ${crawlers.total}: ${crawlers.missed.length} would count as people, ` +
    `${percent(crawlers.missed.length, crawlers.total)}   (reach: at most 1 %)`,
);
for (const agent of crawlers.missed) console.log(`    ${agent.slice(0, 170)}`);
console.log(
  `people's phones and desktops, by use  ${people.total}: ${people.refused.length} would be refused, ` +
    `${percent(people.refused.length, people.total)}   (reach: at most 0.5 %)`,
);
for (const agent of new Set(people.refused)) console.log(`    ${agent.slice(0, 170)}`);
console.log(`of ${people.different} different agents, ${people.inApp} of them browsers inside apps`);
