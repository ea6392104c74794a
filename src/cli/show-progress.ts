import { Presets, SingleBar } from 'cli-progress';

/** Shows how far a long command is, on standard error; nothing where that is no terminal or `--json` was asked for. */
export interface Progress {
  show(value: number): void;
  end(): void;
}

const silent: Progress = { show: () => {}, end: () => {} };

/** A bar towards a known total, such as the bytes of a file. `note` is shown behind it. */
export function showBar(total: number, isJson: boolean, note: () => string): Progress {
  if (isJson || !process.stderr.isTTY || total === 0) return silent;
  const format = '{bar} {percentage} %  {note}  {eta_formatted} left';
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true, hideCursor: true }, Presets.rect);
  bar.start(total, 0, { note: '' });
  return { show: (value) => bar.update(value, { note: note() }), end: () => bar.stop() };
}

/** A running count where the total is not known. */
export function showCount(what: string, isJson: boolean): Progress {
  if (isJson || !process.stderr.isTTY) return silent;
  return {
    show: (value) => process.stderr.write(`\r${value.toLocaleString('en')} ${what}`),
    end: () => process.stderr.write('\r\u001b[K'),
  };
}
