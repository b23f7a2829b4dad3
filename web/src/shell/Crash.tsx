/** What stands in the place of a page that failed, or of one whose files a new version has replaced. */
import { Button } from 'antd';
import { useEffect } from 'react';
import { useRouteError } from 'react-router';

import { asProblem } from '../api/problem';
import { useText } from '../i18n/shell';
import { Sentence, Trace } from '../ui/ProblemNotice';

/** How browsers, and Vite of style sheets, say that a part of the application could not be loaded. */
const MISSING_FILE = /dynamically imported module|Importing a module|Unable to preload CSS/;

export function Crash() {
  const t = useText();
  const error = useRouteError();
  const isOutdated = error instanceof Error && MISSING_FILE.test(error.message);
  const isOffline = isOutdated && !navigator.onLine;
  const problem = asProblem(error);
  useEffect(() => {
    if (!isOffline) return;
    const again = () => window.location.reload();
    window.addEventListener('online', again);
    return () => window.removeEventListener('online', again);
  }, [isOffline]);
  const [title, explanation] = isOffline
    ? (['problem.title', 'problem.unreachable'] as const)
    : isOutdated
      ? (['newVersion.title', 'newVersion.text'] as const)
      : (['crash.title', 'crash.text'] as const);
  return (
    <div role="alert" style={{ maxWidth: '40em', margin: '15vh auto', padding: '0 16px', textAlign: 'center' }}>
      <h1 style={{ fontSize: 22 }}>
        {t(title)}
      </h1>
      <p>{t(explanation)}</p>
      {!isOutdated && (
        <>
          <p>
            <code>
              <Sentence problem={problem} />
            </code>
          </p>
          {problem.traceId && <Trace id={problem.traceId} />}
        </>
      )}
      <Button type="primary" onClick={() => window.location.reload()}>
        {t('crash.reload')}
      </Button>
    </div>
  );
}
