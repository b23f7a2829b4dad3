/** What came of a trial stands below what was tried: it is brought into sight when it comes. */
import { useEffect, useRef, type ReactNode } from 'react';

export function InSight({ children }: { children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.scrollIntoView({ block: 'nearest' }), []);
  return (
    <div ref={place} style={{ scrollMarginBlock: 12 }}>
      {children}
    </div>
  );
}
