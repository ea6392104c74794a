import { type ReactNode, useEffect, useRef } from 'react';
import { boot } from '../boot.ts';

let isFirst = true;

/** The page's only h1. A new page moves focus to it, and the title tells it; the first page leaves focus alone. */
export function Heading({
  children,
  title,
  isHidden = false,
}: {
  children?: ReactNode;
  title: string;
  isHidden?: boolean;
}) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – ${boot.organisation.name}`;
  }, [title]);
  useEffect(() => {
    if (isFirst) isFirst = false;
    else ref.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={ref} tabIndex={-1} className={isHidden ? 'vh' : undefined}>
      {children ?? title}
    </h1>
  );
}

/** What stands above a page: its heading, what it is for, and the one thing to do. */
export function PageHead({ title, intro, children }: { title: string; intro: string; children?: ReactNode }) {
  return (
    <div className="pagehead">
      <div className="stack g4">
        <Heading title={title} />
        <p className="sub">{intro}</p>
      </div>
      {children}
    </div>
  );
}
