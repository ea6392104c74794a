// For `node --import`, the control: a server that writes what it parses into its log, as careless code would.
const parse = JSON.parse;
JSON.parse = (text: string, reviver?: Parameters<typeof JSON.parse>[1]) => {
  process.stderr.write(`${JSON.stringify({ message: 'parsed', text })}\n`);
  return parse(text, reviver);
};
