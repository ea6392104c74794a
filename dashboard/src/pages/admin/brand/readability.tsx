import type { BrandPreview } from '../../../../../src/client/index.ts';
import { CheckCircleIcon, WarningIcon } from '../../../icons.tsx';
import { locale, say } from '../../../say.ts';

const format = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const raise = (text: string): string => text.slice(0, 1).toLocaleUpperCase(locale) + text.slice(1);
const toneOf = (hex: string): string => say(hex === '#000000' ? 'brand.tone.black' : 'brand.tone.white');

/** What becomes of the colour where it would be hard to read. Read out when it changes. */
export function ReadabilityList({ readability }: { readability: BrandPreview['readability'] }) {
  const { button, link, border, qr } = readability;
  const isLinkFixed = link.wished_ratio < 4.5;
  const otherIsWeak = button.other_ratio < 4.5;
  return (
    <ul className="stack g12">
      <Check title={say('brand.check.button')} ratio={format.format(button.ratio)}>
        {say(otherIsWeak ? 'brand.check.buttonText' : 'brand.check.buttonFine', {
          tone: toneOf(button.text),
          other: raise(toneOf(button.other)),
          ratio: format.format(button.other_ratio),
        })}
      </Check>
      <Check
        title={say('brand.check.link')}
        ratio={`${isLinkFixed ? `${format.format(link.wished_ratio)} → ` : ''}${format.format(link.ratio)}`}
        isFixed={isLinkFixed}
      >
        {say(isLinkFixed ? 'brand.check.linkFixed' : 'brand.check.linkFine', { hex: link.colour.toUpperCase() })}
      </Check>
      <Check title={say('brand.check.border')} ratio={format.format(border.ratio)}>
        {say('brand.check.borderText', { hex: border.colour.toUpperCase() })}
      </Check>
      <Check title={say('brand.check.qr')} ratio={format.format(qr.ratio)} isFixed={isLinkFixed}>
        {say(isLinkFixed ? 'brand.check.qrBlack' : 'brand.check.qrOwn')}
      </Check>
    </ul>
  );
}

function Check({
  title,
  ratio,
  isFixed = false,
  children,
}: {
  title: string;
  ratio: string;
  isFixed?: boolean;
  children: string;
}) {
  return (
    <li className="row brand-check">
      <span className={isFixed ? 'fixed' : 'fine'}>{isFixed ? <WarningIcon /> : <CheckCircleIcon />}</span>
      <div className="grow">
        <p className="row between">
          <span>
            <b>{title}</b>
            <span className="vh"> {say(isFixed ? 'brand.check.fixed' : 'brand.check.fine')}</span>
          </span>
          <span className="num small">{ratio} : 1</span>
        </p>
        <p className="small sub">{children}</p>
      </div>
    </li>
  );
}
