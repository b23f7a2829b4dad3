/** What came of a trial stands below what was tried: it is brought into sight when it comes. */
import { useEffect, useRef, type ReactNode } from 'react';

export function InSight({ children }: { children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // What it returns in newer browsers is no clean-up.
    place.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <div ref={place} style={{ scrollMarginBlock: 12 }}>
      {children}
    </div>
  );
}
